//! What work in place leaves to a thread.

use rusqlite::limits::Limit;

use super::Connection;
use super::report::interrupted;
use crate::engine::lasting::compiling_nothing;
use crate::engine::limits::{LONGEST_IN_PLACE, is_in_place, needs_thread, runs_anew};
use crate::error::{Context, Result, SqliteError};
use crate::sql::{Frees, OverTables};

impl Connection {
    /// SQLite touches nothing that is long, as it must be in place: unless the schema has what does not bear that.
    pub(in crate::engine) fn set_limit(&self) {
        let longest = if self.bears_limit() { LONGEST_IN_PLACE.min(self.longest) } else { self.longest };
        // It fails for negative numbers only.
        let _ = self.sqlite.set_limit(Limit::SQLITE_LIMIT_LENGTH, longest);
    }

    /// SQLite takes everything that it can.
    pub(in crate::engine) fn lift_limit(&self) {
        let _ = self.sqlite.set_limit(Limit::SQLITE_LIMIT_LENGTH, self.longest);
    }

    /// Leaves to a thread what SQLite may do in one step in which it looks at no limit, such as counting a table or freeing the pages
    /// of a long value, unless the database is small.
    pub(crate) fn walk(&self, context: Context<'_>) -> Result<()> {
        if !is_in_place() || self.is_small() {
            return Ok(());
        }
        self.leave_to_thread(context)
    }

    /// Whether the database is so small that nothing about it takes long.
    pub(in crate::engine) fn is_small(&self) -> bool {
        const SMALL: u32 = 256;
        let pages = self.sqlite.prepare_cached("PRAGMA page_count");
        // It would read a schema that others have changed.
        let pages = pages.and_then(|mut pages| compiling_nothing(|| pages.query_row([], |row| row.get::<_, u32>(0))));
        pages.is_ok_and(|pages| pages <= SMALL)
    }

    /// Leaves to a thread a statement that may free the pages of a long value, which SQLite does in one step, and does not fail in
    /// place at one; unless the database is small.
    pub(in crate::engine) fn leave_freeing(&self, statement: &dyn OverTables, context: Context<'_>) -> Result<()> {
        if !is_in_place() {
            return Ok(());
        }
        match statement.frees() {
            Frees::Nothing => Ok(()),
            // What is read in place cannot be long.
            Frees::Reads | Frees::Guarded if self.bears_limit() => Ok(()),
            Frees::Reads | Frees::Guarded | Frees::Unguarded => self.walk(context),
        }
    }

    /// Ends work in place that is known to belong on a thread.
    pub(crate) fn goes_on(&self, context: Context<'_>) -> Result<()> {
        if runs_anew() { self.leave_to_thread(context) } else { Ok(()) }
    }

    /// Ends work in place that belongs on a thread.
    pub(in crate::engine) fn leave_to_thread(&self, context: Context<'_>) -> Result<()> {
        only_on_thread().map_err(|source| self.error(context, source))
    }
}

/// Ends work in place that belongs on a thread, where it runs anew.
pub(in crate::engine) fn only_on_thread() -> Result<(), SqliteError> {
    if !is_in_place() {
        return Ok(());
    }
    needs_thread();
    Err(interrupted())
}
