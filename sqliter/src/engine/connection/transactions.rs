//! Work in a transaction: all of it or nothing.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use super::Connection;
use super::report::report;
use crate::engine::limits::{is_in_place, stopping_between, without_waiting};
use crate::error::{Context, Operation, Result, SqliteError};

impl Connection {
    /// Runs statements that change the schema, undoes them, and gives what SQLite has against them. They are no statements
    /// of the user's: neither told nor counted. Inside a transaction.
    pub(crate) fn attempt_schema(&mut self, statements: &[String]) -> Result<(), SqliteError> {
        self.control("SAVEPOINT attempt")?;
        let done = statements.iter().try_for_each(|sql| self.sqlite.execute_batch(sql).map_err(report));
        self.control("ROLLBACK TO attempt")?;
        self.control("RELEASE attempt")?;
        done
    }

    /// Runs reading work so that all its statements see the same state of the database.
    pub(crate) fn snapshot<T>(&mut self, context: Context<'_>, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if !self.sqlite.is_autocommit() {
            return work(self);
        }
        self.batch("BEGIN", context)?;
        let result = work(self);
        if !self.is_autocommit() {
            self.batch("COMMIT", context)?;
        }
        result
    }

    /// Runs the work in a transaction, or in a savepoint when one is open already: all of it or nothing.
    pub(crate) fn atomically<T>(
        &mut self,
        context: Context<'_>,
        work: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let (begin, commit, undo) = if self.is_autocommit() {
            ("BEGIN IMMEDIATE", "COMMIT", "ROLLBACK")
        } else {
            ("SAVEPOINT work", "RELEASE work", "ROLLBACK TO work; RELEASE work")
        };
        self.batch(begin, context)?;
        let work = |connection: &mut Self| stopping_between(|| work(connection));
        self.ended(work, |connection| connection.batch(commit, context), |connection| connection.batch(undo, context))
    }

    /// Runs work that writes rows of models in the transaction that is open, or else in one of its own. Such a
    /// transaction is no statement of the user's: it is neither counted nor told, unless it fails or has to wait.
    pub(crate) fn writing<T>(&mut self, context: Context<'_>, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        const BEGIN: &str = "BEGIN IMMEDIATE";
        if !self.is_autocommit() {
            return work(self);
        }
        match without_waiting(|| self.control(BEGIN)) {
            Ok(()) => self.has_run(BEGIN),
            // It is tried anew where it may wait.
            Err(source) if is_in_place() => return Err(self.error(context, source)),
            Err(_) => self.batch(BEGIN, context)?,
        }
        let control = |connection: &mut Self, sql| {
            let done = connection.control(sql);
            connection.has_run(sql);
            match done {
                Ok(()) => Ok(()),
                Err(source) => {
                    let failed = connection.error(context, source);
                    connection.log.statement(sql, |_| Err(failed))
                }
            }
        };
        self.ended(work, |connection| control(connection, "COMMIT"), |connection| control(connection, "ROLLBACK"))
    }

    /// As [`writing`](Self::writing), for work that can fail after it has written, as what is given back may not fit: inside
    /// an open transaction it is a savepoint.
    pub(crate) fn writing_whole<T>(
        &mut self,
        context: Context<'_>,
        work: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        if self.is_autocommit() { self.writing(context, work) } else { self.atomically(context, work) }
    }

    /// Runs work that writes so many rows by a statement each, and gives nothing back: a single statement is all or nothing by
    /// itself.
    pub(crate) fn writing_rows<T>(
        &mut self,
        rows: usize,
        context: Context<'_>,
        work: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        if rows == 1 { self.writing(context, work) } else { self.atomically(context, work) }
    }

    /// Runs the work of a transaction that has begun and ends it: by `commit`, or by `undo` when anything fails.
    fn ended<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T>,
        commit: impl FnOnce(&mut Self) -> Result<()>,
        undo: impl FnOnce(&mut Self) -> Result<()>,
    ) -> Result<T> {
        let worked = catch_unwind(AssertUnwindSafe(|| work(self)));
        let result = match worked {
            Ok(Ok(value)) => commit(self).map(|()| value).map_err(Ok),
            Ok(Err(error)) => Err(Ok(error)),
            Err(panic) => Err(Err(panic)),
        };
        result.or_else(|failure| {
            // SQLite has rolled back by itself after the gravest errors; then there is nothing to undo.
            let undone = if self.is_autocommit() { Ok(()) } else { undo(self) };
            match failure {
                Ok(error) => undone.and(Err(error)),
                Err(panic) => resume_unwind(panic),
            }
        })
    }

    /// Leaves no transaction open. Fails for a connection that must not be used again.
    pub(crate) fn abandon(&mut self) -> Result<()> {
        const ROLLBACK: Context<'static> = Context::new(Operation::Execute, "ROLLBACK");
        if !self.is_autocommit() {
            self.log.operation(ROLLBACK).run(|| self.batch(ROLLBACK.subject, ROLLBACK))?;
        }
        if !self.changed.is_empty() {
            self.set_back(ROLLBACK)?;
        }
        self.changes_before = self.total_changes();
        self.tell_count();
        Ok(())
    }
}
