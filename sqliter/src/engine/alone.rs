//! One statement that writes, without a transaction around it.
//!
//! SQLite does all of a statement or nothing, so that a single one needs no transaction of ours, if it is known beforehand
//! that its tables are what their models say, and that nothing in the schema keeps a part of what a failed statement did.
//! Where the schema is another than the one that is known, SQLite would compile the statement anew; it is not allowed to,
//! so that nothing has been written then. What fails here runs in a transaction afterwards, which looks at everything.

use rusqlite::CachedStatement;

use super::connection::{Bound, bind_all};
use super::limits::without_waiting;
use super::tables::{Compiled, compiled};
use super::{Connection, lasting};
use crate::error::Result;
use crate::sql::OverTables;
use crate::table::{Seen, TableInfo};
use crate::value::Encoded;

/// What a statement has written.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wrote {
    pub(crate) rows: u64,
    /// The row id of the last row that was inserted on the connection.
    pub(crate) row_id: i64,
}

impl Connection {
    /// Runs a statement alone, if that is known to be right. With `None`, it has written nothing.
    pub(crate) fn write_alone(&mut self, statement: &dyn OverTables) -> Option<Wrote> {
        let plain = statement.plain();
        self.alone(&plain.text, statement.tables(), &mut |prepared| bind_all(prepared, &plain.arguments).is_ok())
    }

    /// As [`write_alone`](Self::write_alone), for a statement about one row of a table, whose arguments `write` gives.
    pub(crate) fn write_row_alone(
        &mut self,
        text: &str,
        table: &'static TableInfo,
        write: &dyn Fn(&mut dyn FnMut(Encoded<'_>) -> Result<()>) -> Result<()>,
    ) -> Option<Wrote> {
        self.alone(text, &[Seen::Table(table)], &mut |prepared| {
            let (mut index, mut is_bound) = (0, true);
            let written = write(&mut |value| {
                index += 1;
                is_bound &= prepared.raw_bind_parameter(index, Bound(value)).is_ok();
                Ok(())
            });
            written.is_ok() && is_bound
        })
    }

    fn alone(
        &mut self,
        text: &str,
        seen: &[Seen],
        bind: &mut dyn FnMut(&mut CachedStatement<'_>) -> bool,
    ) -> Option<Wrote> {
        if !self.is_autocommit() || self.log.is_wanted() || !self.writes_alone(text, seen) {
            return None;
        }
        let mut prepared = self.ready().ok()?.prepare_cached(text).ok()?;
        match compiled(&prepared) {
            None => {}
            Some(Compiled::Now) => return None,
            Some(Compiled::Anew) => {
                self.is_of_another_schema(&prepared).ok()?;
                return None;
            }
        }
        if !bind(&mut prepared) {
            return None;
        }
        let before = self.total_changes();
        let done = without_waiting(|| lasting::compiling_nothing(|| prepared.raw_execute()));
        // SQLite asks a last time whether it may go on when the statement is over, and says that it was interrupted when it may
        // not; it has been committed all the same.
        if self.total_changes() == before {
            return None;
        }
        self.count();
        self.has_scanned(&prepared, text);
        let rows = done.unwrap_or_else(|_| self.sqlite().changes() as usize);
        Some(Wrote { rows: rows as u64, row_id: self.sqlite().last_insert_rowid() })
    }
}
