//! Statements over the tables of models, which may turn out to be others than described.

use std::sync::Arc;

use super::change::{Delete, Insert, Update, UpsertSet};
use super::write::Facts;
use super::{SqlWriter, Statement};
use crate::error::Result;
use crate::table::{ColumnInfo, Fits, Seen, TableInfo};

/// A statement over tables that models describe.
pub(crate) trait OverTables {
    /// The statement for tables that are as described.
    fn plain(&self) -> &Statement;

    /// The tables that it is about.
    fn tables(&self) -> &[Seen];

    /// Whether SQL of the user in it may call SQLite's function `format`, which takes a thread: of a text that is too long for
    /// the thread of the program it gives `NULL`, and no error.
    fn may_format(&self) -> bool {
        false
    }

    /// What it lets go of the rows that are there.
    fn frees(&self) -> Frees;

    /// The statement for tables that are something else.
    ///
    /// # Errors
    ///
    /// When it cannot be meant.
    fn fitted(&self, fits: &Arc<Fits>) -> Result<Statement>;
}

/// What a statement lets go of the rows that are there. SQLite frees the pages of a long value in one step, and does not read it
/// before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Frees {
    /// No value that may be long: it changes no rows that are there, or its tables have no such values.
    Nothing,
    /// No value that may be long, but it reads those of the rows that it writes.
    Reads,
    /// Values that may be long. It has a text for work in place, with a condition that fails where one is.
    Guarded,
    /// Values that may be long.
    Unguarded,
}

/// A statement, or what writes one.
pub(crate) trait WriteSql {
    /// Writes it for the tables that the writer knows.
    fn write(&self, sql: &mut SqlWriter);

    /// The columns, of values of any length, that it replaces or deletes in rows that are there; `None` when it changes no such row.
    fn lets_go(&self) -> Option<Vec<&'static ColumnInfo>>;
}

/// Those of the columns that are assigned whose values may be of any length.
fn long_of(assigned: impl Iterator<Item = &'static ColumnInfo>) -> Vec<&'static ColumnInfo> {
    assigned.filter(|column| column.is_of_any_length()).collect()
}

impl WriteSql for Insert {
    fn write(&self, sql: &mut SqlWriter) {
        sql.insert(self);
    }

    fn lets_go(&self) -> Option<Vec<&'static ColumnInfo>> {
        let changes = self.conflict.as_ref().map(|conflict| &conflict.update).filter(|changes| !changes.is_empty())?;
        Some(long_of(changes.iter().map(UpsertSet::column)))
    }
}

impl WriteSql for Update {
    fn write(&self, sql: &mut SqlWriter) {
        sql.update(self);
    }

    fn lets_go(&self) -> Option<Vec<&'static ColumnInfo>> {
        Some(long_of(self.sets.iter().map(|set| set.column)))
    }
}

impl WriteSql for Delete {
    fn write(&self, sql: &mut SqlWriter) {
        sql.delete(self);
    }

    fn lets_go(&self) -> Option<Vec<&'static ColumnInfo>> {
        Some(match self.marks.is_empty() {
            true => self.rows.table.columns_of_any_length().collect(),
            false => long_of(self.marks.iter().map(|set| set.column)),
        })
    }
}

impl<W: Fn(&mut SqlWriter)> WriteSql for W {
    fn write(&self, sql: &mut SqlWriter) {
        self(sql);
    }

    fn lets_go(&self) -> Option<Vec<&'static ColumnInfo>> {
        None
    }
}

/// A statement with its text for tables that are as described.
pub(crate) struct Written<W> {
    table: &'static TableInfo,
    plain: Statement,
    facts: Facts,
    frees: Frees,
    statement: W,
}

impl<W: WriteSql> Written<W> {
    /// Writes the statement for tables that are as described.
    ///
    /// # Errors
    ///
    /// [`Error::Encode`](crate::Error::Encode) when a value has no form in SQLite.
    pub(crate) fn new(table: &'static TableInfo, statement: W) -> Result<Self> {
        let mut sql = SqlWriter::new(table);
        statement.write(&mut sql);
        let lets_go = statement.lets_go();
        let (plain, facts) = sql.finish_freeing(lets_go.as_deref().unwrap_or_default())?;
        let frees = match lets_go {
            Some(_) if plain.in_place.is_some() => Frees::Guarded,
            Some(long) if !long.is_empty() => Frees::Unguarded,
            Some(_) if table.columns_of_any_length().next().is_some() => Frees::Reads,
            Some(_) | None => Frees::Nothing,
        };
        Ok(Self { table, plain, facts, frees, statement })
    }

    /// What is written.
    pub(crate) const fn statement(&self) -> &W {
        &self.statement
    }
}

impl<W: WriteSql> OverTables for Written<W> {
    fn plain(&self) -> &Statement {
        &self.plain
    }

    fn tables(&self) -> &[Seen] {
        &self.facts.seen
    }

    fn may_format(&self) -> bool {
        self.facts.may_format
    }

    fn frees(&self) -> Frees {
        self.frees
    }

    fn fitted(&self, fits: &Arc<Fits>) -> Result<Statement> {
        let mut sql = SqlWriter::new(self.table).fitting(Arc::clone(fits));
        self.statement.write(&mut sql);
        Ok(sql.finish_freeing(&self.statement.lets_go().unwrap_or_default())?.0)
    }
}
