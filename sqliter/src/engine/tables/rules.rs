//! What the schema does beside what a statement says.

use crate::engine::Connection;
use crate::engine::connection::only_on_thread;
use crate::engine::limits::is_in_place;
use crate::error::{Context, Operation, Result, SqliteError};
use crate::sql;
use crate::table::{FileKind, Seen};

#[derive(Debug, Clone, Default)]
pub(super) struct Rules {
    /// The tables and views that have triggers, each once.
    triggered: Vec<String>,
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
    /// Whether a statement that writes a table may change rows of other tables, or look at any number of them. What it is called is
    /// not all that it does: an insert or an update may replace rows, and an upsert or a soft deletion is an update.
    fn reaches_others(&self, operation: Operation, table: &str) -> bool {
        let may_delete = operation == Operation::Delete || self.replaces;
        self.follows_updates || (may_delete && self.cascades) || self.has_triggers(table)
    }

    /// Whether a statement may delete rows that it does not name, as a trigger can for one that deletes.
    fn deletes_others(&self, operation: Operation, table: &str) -> bool {
        self.replaces || (operation == Operation::Delete && (self.cascades || self.has_triggers(table)))
    }

    /// Whether writing a table may run triggers: those of the table, or of another one that a foreign key leads to.
    fn runs_triggers(&self, table: &str) -> bool {
        let leads_on = self.cascades || self.follows_updates;
        !self.triggered.is_empty() && (leads_on || self.has_triggers(table))
    }

    /// Whether a table has triggers. One of the same name in another database of the connection counts too, as a temporary trigger
    /// may be about either.
    fn has_triggers(&self, table: &str) -> bool {
        self.triggered.iter().any(|name| name.eq_ignore_ascii_case(table))
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
        let Some(rules) = &known.rules else { return false };
        !rules.keeps_parts
            && !known.altered
            // One of them is written. That the others are only read makes no difference here.
            && seen.iter().all(|seen| is_plain(seen) && !rules.reaches_others(operation, &seen.name()))
    }

    /// Whether writing one row of a table may write, or look at, any number of others.
    pub(in crate::engine) fn may_write_many(&self, operation: Operation, table: &str) -> bool {
        self.tables.0.borrow().rules.as_ref().is_none_or(|rules| rules.reaches_others(operation, table))
    }

    /// Leaves to a thread, inside a transaction, the writing of a row by which any number of others may be written: before the
    /// first statement that writes, as what was done in place stays.
    pub(crate) fn leave_many(&self, table: &str, context: Context<'_>) -> Result<()> {
        match !self.is_autocommit() && is_in_place() && self.may_write_many(context.operation, table) {
            true => self.leave_to_thread(context),
            false => Ok(()),
        }
    }

    /// Whether writing one row of a table may delete others, of which SQLite frees what is long in one step: not in a small
    /// database. Where the rules are not known, a thread looks for them.
    pub(in crate::engine) fn may_delete_long(&self, operation: Operation, table: &str) -> bool {
        let deletes_others = |rules: &Rules| rules.deletes_others(operation, table);
        self.tables.0.borrow().rules.as_ref().is_some_and(deletes_others) && !self.is_small()
    }

    /// Whether the schema may ignore a row of a table that is written, by a trigger or a conflict clause, without an error; inside
    /// a transaction that writes.
    pub(crate) fn may_ignore_rows(&self, table: &str, context: Context<'_>) -> Result<bool> {
        self.compare_once().map_err(|source| self.error(context, source))?;
        let may_ignore = |rules: &Rules| rules.leaves_out || rules.runs_triggers(table);
        Ok(self.tables.0.borrow().rules.as_ref().is_none_or(may_ignore))
    }

    pub(super) fn look_for_rules(&self) -> Result<(), SqliteError> {
        if self.tables.0.borrow().rules.is_some() {
            return Ok(());
        }
        only_on_thread()?;
        let mut rules = Rules::default();
        for database in &*self.databases()? {
            rules.triggered.extend(self.ask_all(&sql::tables_with_triggers(&database.name), [], |row| row.get(0))?);
            let found = self.ask_all(&sql::rules_of(&database.name), [&database.name], |row| {
                Ok(Rules {
                    triggered: Vec::new(),
                    keeps_parts: row.get(0)?,
                    cascades: row.get(1)?,
                    follows_updates: row.get(2)?,
                    leaves_out: row.get(3)?,
                    replaces: row.get(4)?,
                    bears_no_limit: row.get(5)?,
                })
            })?;
            for found in found {
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
        self.tables.0.borrow().rules.as_ref().is_some_and(|rules| !rules.bears_no_limit)
    }
}
