//! Schemas as SQL.

use std::fmt;

use super::{Index, Schema, Table, Trigger, View};

/// The statements that create it, each with a semicolon at its end, tables followed by their indexes.
impl fmt::Display for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for table in &self.tables {
            writeln!(f, "{table}")?;
        }
        for view in &self.views {
            writeln!(f, "{view}")?;
        }
        for trigger in &self.triggers {
            writeln!(f, "{trigger}")?;
        }
        Ok(())
    }
}

/// The statement that creates it, and those of its indexes.
impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{};", self.sql)?;
        self.indexes.iter().try_for_each(|index| write!(f, "\n{index}"))
    }
}

/// The statement that creates it.
impl fmt::Display for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{};", self.sql)
    }
}

/// The statement that creates it.
impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{};", self.sql)
    }
}

/// The statement that creates it.
impl fmt::Display for Trigger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{};", self.sql)
    }
}
