//! What the schema does beside what a statement says.

use crate::engine::Connection;
use crate::engine::connection::only_on_thread;
use crate::error::{Context, Operation, Result, SqliteError};
use crate::sql;
use crate::table::{FileKind, Seen};

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Rules {
    has_triggers: bool,
    /// Whether a conflict clause may keep a part of what a failed statement did.
    keeps_parts: bool,
    /// Whether a foreign key deletes or changes the rows that refer to a deleted one, or has to look for them in a whole table.
    cascades: bool,
    /// Whether a conflict clause may leave out rows.
    leaves_out: bool,
    /// Whether a conflict clause may delete the rows that are in the way of one that is written.
    replaces: bool,
    /// Whether a foreign key refers to columns that an update of a row may change.
    follows_updates: bool,
    /// Whether it has what goes wrong without an error when values cannot be long: modules of virtual tables do not look
    /// whether they could bind a value, and `printf` gives `NULL` in the place of a long text.
    bears_no_limit: bool,
}

impl Rules {
    /// Whether a statement may change rows of other tables, or look at any number of them. What it is called is not all that it
    /// does: an insert or an update may replace rows, and an upsert or a soft deletion is an update.
    fn reaches_others(self, operation: Operation) -> bool {
        let may_delete = operation == Operation::Delete || self.replaces;
        self.has_triggers || self.follows_updates || (may_delete && self.cascades)
    }

    /// Whether a statement may delete rows that it does not name, as a trigger can for one that deletes.
    fn deletes_others(self, operation: Operation) -> bool {
        self.replaces || (operation == Operation::Delete && (self.cascades || self.has_triggers))
    }
}

impl Connection {
    /// Whether the tables are known to be as described, in a schema without rules of its own for a statement that fails. What a
    /// foreign key does besides is counted as changed even when it is undone, so that nobody would know whether the statement
    /// is.
    pub(in crate::engine) fn writes_alone(&self, operation: Operation, seen: &[Seen]) -> bool {
        self.forget_altered();
        let known = self.tables.0.borrow();
        let is_plain = |seen: &Seen| {
            known.fits.get(&seen.address()).is_some_and(|fit| fit.is_plain && fit.kind == FileKind::Table)
        };
        known.rules.is_some_and(|rules| !rules.keeps_parts && !rules.reaches_others(operation))
            && !known.altered
            && seen.iter().all(is_plain)
    }

    /// Whether writing one row may write, or look at, any number of others.
    pub(in crate::engine) fn may_write_many(&self, operation: Operation) -> bool {
        self.tables.0.borrow().rules.is_none_or(|rules| rules.reaches_others(operation))
    }

    /// Whether writing one row may delete others, of which SQLite frees what is long in one step: not in a small database. Where
    /// the rules are not known, a thread looks for them.
    pub(in crate::engine) fn may_delete_long(&self, operation: Operation) -> bool {
        self.tables.0.borrow().rules.is_some_and(|rules| rules.deletes_others(operation)) && !self.is_small()
    }

    /// Whether the schema may ignore a row that is written, by a trigger or a conflict clause, without an error; inside a
    /// transaction that writes.
    pub(crate) fn may_ignore_rows(&self, context: Context<'_>) -> Result<bool> {
        self.compare_once().map_err(|source| self.error(context, source))?;
        Ok(self.tables.0.borrow().rules.is_none_or(|rules| rules.has_triggers || rules.leaves_out))
    }

    pub(super) fn look_for_rules(&self) -> Result<(), SqliteError> {
        if self.tables.0.borrow().rules.is_some() {
            return Ok(());
        }
        only_on_thread()?;
        let mut rules = Rules::default();
        for database in &*self.databases()? {
            let found = self.ask_all(&sql::rules_of(&database.name), [&database.name], |row| {
                Ok(Rules {
                    has_triggers: row.get(0)?,
                    keeps_parts: row.get(1)?,
                    cascades: row.get(2)?,
                    follows_updates: row.get(3)?,
                    leaves_out: row.get(4)?,
                    replaces: row.get(5)?,
                    bears_no_limit: row.get(6)?,
                })
            })?;
            for found in found {
                rules.has_triggers |= found.has_triggers;
                rules.keeps_parts |= found.keeps_parts;
                rules.cascades |= found.cascades;
                rules.leaves_out |= found.leaves_out;
                rules.replaces |= found.replaces;
                rules.follows_updates |= found.follows_updates;
                rules.bears_no_limit |= found.bears_no_limit;
            }
        }
        self.tables.0.borrow_mut().rules = Some(rules);
        Ok(())
    }

    /// Whether nothing goes wrong when SQLite touches no long values.
    pub(in crate::engine) fn bears_limit(&self) -> bool {
        self.tables.0.borrow().rules.is_some_and(|rules| !rules.bears_no_limit)
    }
}
