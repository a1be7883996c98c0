//! A statement with the way in which it is written, for tables that turn out to be others than described.

use std::sync::Arc;

use crate::engine::OverTables;
use crate::error::Result;
use crate::sql::{SqlWriter, Statement};
use crate::table::{Fits, Seen, TableInfo};

/// A statement over the tables of models.
pub(crate) struct Written<W> {
    table: &'static TableInfo,
    plain: Statement,
    seen: Vec<Seen>,
    write: W,
}

impl<W: Fn(&mut SqlWriter)> Written<W> {
    /// Writes the statement for tables that are as described.
    ///
    /// # Errors
    ///
    /// [`Error::Encode`](crate::Error::Encode) when a value has no form in SQLite.
    pub(crate) fn new(table: &'static TableInfo, write: W) -> Result<Self> {
        let mut sql = SqlWriter::new(table);
        write(&mut sql);
        let (plain, seen) = sql.finish_seen()?;
        Ok(Self { table, plain, seen, write })
    }
}

impl<W: Fn(&mut SqlWriter)> OverTables for Written<W> {
    fn plain(&self) -> &Statement {
        &self.plain
    }

    fn tables(&self) -> &[Seen] {
        &self.seen
    }

    fn fitted(&self, fits: &Arc<Fits>) -> Result<Statement> {
        let mut sql = SqlWriter::new(self.table).fitting(Arc::clone(fits));
        (self.write)(&mut sql);
        sql.finish()
    }
}
