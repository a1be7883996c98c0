//! What a model declares besides columns and keys: indexes, checks, collating sequences, generated columns.

use super::{ColumnInfo, TableInfo, quoted};
use crate::error::Error;

/// An index that a model declares. Foreign-key columns have one each besides, unless another index begins with them.
#[derive(Debug)]
pub struct IndexInfo {
    /// The name, if the model gives one; else it is made of the table and the parts.
    pub name: Option<&'static str>,
    /// What is indexed, in its order.
    pub parts: &'static [IndexPart],
    /// Whether the parts are unique together.
    pub unique: bool,
    /// Whether it is a `UNIQUE` constraint of the table, with an index that SQLite makes.
    pub constraint: bool,
    /// The condition of the rows that are indexed, in SQL; without one it is all of them.
    pub filter: Option<&'static str>,
    /// Whether these are the rows that are not deleted softly.
    pub live: bool,
}

impl IndexInfo {
    /// Whether no two rows of the table have the same values in these columns, because of this index.
    pub(crate) fn tells_rows_apart(&self, columns: &[&str]) -> bool {
        self.unique && (self.filter.is_none() || self.live) && self.is_over(columns)
    }

    /// Whether it is over these columns, in any order, and nothing else.
    pub(crate) fn is_over(&self, columns: &[&str]) -> bool {
        self.parts.len() == columns.len()
            && self.parts.iter().all(|part| match part.value {
                Indexed::Column(name) => columns.contains(&name),
                Indexed::Expression(_) => false,
            })
    }
}

/// A part of an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexPart {
    /// What is indexed.
    pub value: Indexed,
    /// Whether the largest value comes first.
    pub descending: bool,
}

/// What a part of an index is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Indexed {
    /// A column, by its name.
    Column(&'static str),
    /// An [expression](https://www.sqlite.org/expridx.html), in SQL.
    Expression(&'static str),
}

/// A [`CHECK` constraint](https://www.sqlite.org/lang_createtable.html#check_constraints) that a model declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CheckInfo {
    /// The name of the constraint, if the model gives one.
    pub name: Option<&'static str>,
    /// The condition, in SQL.
    pub condition: &'static str,
}

/// The same as it is in a table.
#[derive(Debug)]
pub(crate) struct Check {
    pub(crate) name: Option<String>,
    pub(crate) condition: String,
}

/// What stands around the names of columns in the conditions of an embedded struct, which have no beginning there.
const EMBEDDED_NAME: char = '\0';

impl CheckInfo {
    /// The constraint.
    pub(crate) fn to_sql(self) -> String {
        Check { name: self.name.map(str::to_owned), condition: self.condition.to_owned() }.to_sql()
    }

    /// The same for a group whose names begin with the prefix.
    pub(super) fn in_group(self, prefix: &str) -> Check {
        let parts = self.condition.split(EMBEDDED_NAME).enumerate();
        let written = parts.map(|(i, part)| match i % 2 {
            0 => part.to_owned(),
            _ => quoted(&format!("{prefix}{part}")),
        });
        // SQLite reports a condition that begins with a quoted name by that name alone.
        let condition = format!("({})", written.collect::<String>());
        Check { name: self.name.map(|name| format!("{prefix}{name}")), condition }
    }
}

impl Check {
    /// The constraint.
    pub(crate) fn to_sql(&self) -> String {
        let check = format!("CHECK ({})", self.condition);
        match &self.name {
            Some(name) => format!("CONSTRAINT {} {check}", quoted(name)),
            None => check,
        }
    }
}

impl TableInfo {
    /// The error of a write, with the columns that a violated check stands on. SQLite tells no more than the check.
    pub(crate) fn with_checked_column(&self, mut error: Error) -> Error {
        if let Error::CheckViolation { table, constraint, columns, .. } = &mut error
            && columns.is_empty()
            && table == self.name
        {
            let is_violated = |column: &&ColumnInfo| {
                column.declared_checks().any(|check| check.name.as_ref().unwrap_or(&check.condition) == constraint)
            };
            let violated = self.columns.iter().filter(is_violated);
            columns.extend(violated.map(|column| column.name.to_owned()));
            for check in self.checks_of_groups().filter(|check| check.name == *constraint) {
                columns.extend(check.columns.iter().map(|column| column.name.to_owned()));
            }
        }
        error
    }
}

/// A [collating sequence](https://www.sqlite.org/datatype3.html#collating_sequences) of SQLite.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Collation {
    /// Byte by byte: the default.
    #[default]
    Binary,
    /// The letters `A` to `Z` are the same as `a` to `z`; no other letters are.
    NoCase,
    /// Spaces at the end do not count.
    Rtrim,
}

impl Collation {
    /// Its name in SQL.
    pub const fn as_sql(self) -> &'static str {
        match self {
            Self::Binary => "BINARY",
            Self::NoCase => "NOCASE",
            Self::Rtrim => "RTRIM",
        }
    }
}

/// How SQLite computes a [generated column](https://www.sqlite.org/gencol.html).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Generated {
    /// The expression, in SQL.
    pub expression: &'static str,
    /// Whether the value is stored in the row; else it is computed whenever it is read.
    pub stored: bool,
}
