//! Statements over the tables of models, which may turn out to be others than described.

use std::sync::Arc;

use super::change::{Delete, Insert, Update};
use super::{SqlWriter, Statement};
use crate::error::Result;
use crate::table::{Fits, Seen, TableInfo};

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

    /// The statement for tables that are something else.
    ///
    /// # Errors
    ///
    /// When it cannot be meant.
    fn fitted(&self, fits: &Arc<Fits>) -> Result<Statement>;
}

/// A statement, or what writes one.
pub(crate) trait WriteSql {
    /// Writes it for the tables that the writer knows.
    fn write(&self, sql: &mut SqlWriter);
}

impl WriteSql for Insert {
    fn write(&self, sql: &mut SqlWriter) {
        sql.insert(self);
    }
}

impl WriteSql for Update {
    fn write(&self, sql: &mut SqlWriter) {
        sql.update(self);
    }
}

impl WriteSql for Delete {
    fn write(&self, sql: &mut SqlWriter) {
        sql.delete(self);
    }
}

impl<W: Fn(&mut SqlWriter)> WriteSql for W {
    fn write(&self, sql: &mut SqlWriter) {
        self(sql);
    }
}

/// A statement with its text for tables that are as described.
pub(crate) struct Written<W> {
    table: &'static TableInfo,
    plain: Statement,
    seen: Vec<Seen>,
    may_format: bool,
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
        let (plain, seen, may_format) = sql.finish_seen()?;
        Ok(Self { table, plain, seen, may_format, statement })
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
        &self.seen
    }

    fn may_format(&self) -> bool {
        self.may_format
    }

    fn fitted(&self, fits: &Arc<Fits>) -> Result<Statement> {
        let mut sql = SqlWriter::new(self.table).fitting(Arc::clone(fits));
        self.statement.write(&mut sql);
        sql.finish()
    }
}
