//! Work in a transaction: all of it or nothing.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use super::Connection;
use super::report::report;
use crate::engine::job::lost;
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
        keeping(work, |work| self.work_atomically(context, work))
    }

    /// Runs work that writes rows of models in the transaction that is open, or else in one of its own. Such a
    /// transaction is no statement of the user's: it is neither counted nor told, unless it fails or has to wait.
    pub(crate) fn writing<T>(&mut self, context: Context<'_>, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.is_autocommit() { keeping(work, |work| self.work_alone(context, work)) } else { work(self) }
    }

    /// As [`writing`](Self::writing), for work that can fail after it has written, as what is given back may not fit: inside
    /// an open transaction it is a savepoint.
    pub(crate) fn writing_whole<T>(
        &mut self,
        context: Context<'_>,
        work: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let is_autocommit = self.is_autocommit();
        keeping(work, |work| match is_autocommit {
            true => self.work_alone(context, work),
            false => self.work_atomically(context, work),
        })
    }

    /// Runs work that writes so many rows by a statement each, and gives nothing back: a single statement is all or nothing by
    /// itself.
    pub(crate) fn writing_rows<T>(
        &mut self,
        rows: usize,
        context: Context<'_>,
        work: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let is_autocommit = self.is_autocommit();
        keeping(work, |work| match rows {
            1 if is_autocommit => self.work_alone(context, work),
            1 => work(self),
            _ => self.work_atomically(context, work),
        })
    }

    fn work_atomically(&mut self, context: Context<'_>, work: Kept<'_>) -> Result<()> {
        let is_outermost = self.is_autocommit();
        match is_outermost {
            true => self.begin(context)?,
            false => self.batch("SAVEPOINT work", context)?,
        }
        let worked = self.caught(|connection| stopping_between(|| work(connection)));
        let commit = |connection: &mut Self| match is_outermost {
            true => connection.commit(context),
            false => connection.batch("RELEASE work", context),
        };
        let undo = if is_outermost { "ROLLBACK" } else { "ROLLBACK TO work; RELEASE work" };
        self.ended(worked, commit, |connection| connection.batch(undo, context))
    }

    fn work_alone(&mut self, context: Context<'_>, work: Kept<'_>) -> Result<()> {
        const BEGIN: &str = "BEGIN IMMEDIATE";
        match without_waiting(|| self.control(BEGIN)) {
            Ok(()) => {
                self.has_run(BEGIN);
                self.has_begun().map_err(|source| self.error(context, source))?;
            }
            // It is tried anew where it may wait.
            Err(source) if is_in_place() => return Err(self.error(context, source)),
            Err(_) => self.begin(context)?,
        }
        let undo = |connection: &mut Self| {
            const ROLLBACK: &str = "ROLLBACK";
            let done = connection.control(ROLLBACK);
            connection.has_run(ROLLBACK);
            match done {
                Ok(()) => Ok(()),
                Err(source) => {
                    let failed = connection.error(context, source);
                    connection.log.statement(ROLLBACK, |_| Err(failed))
                }
            }
        };
        let worked = self.caught(work);
        self.ended(worked, |connection| connection.commit_untold(context), undo)
    }

    /// What the work of a transaction ends with.
    fn caught(&mut self, work: impl FnOnce(&mut Self) -> Result<()>) -> std::thread::Result<Result<()>> {
        catch_unwind(AssertUnwindSafe(|| work(self)))
    }

    /// Ends a transaction whose work is over: by `commit`, or by `undo` when anything fails.
    fn ended(
        &mut self,
        worked: std::thread::Result<Result<()>>,
        commit: impl FnOnce(&mut Self) -> Result<()>,
        undo: impl FnOnce(&mut Self) -> Result<()>,
    ) -> Result<()> {
        let result = match worked {
            Ok(Ok(())) => commit(self).map_err(Ok),
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
        self.forget_recording();
        if !self.changed.is_empty() {
            self.set_back(ROLLBACK)?;
        }
        self.changes_before = self.total_changes();
        self.tell_count();
        Ok(())
    }
}

/// Work that keeps what it gives.
type Kept<'w> = &'w mut dyn FnMut(&mut Connection) -> Result<()>;

/// Lets work be run by what knows nothing of the type that it gives, so that that is compiled once.
fn keeping<T>(work: impl FnOnce(&mut Connection) -> Result<T>, run: impl FnOnce(Kept<'_>) -> Result<()>) -> Result<T> {
    let (mut work, mut given) = (Some(work), None);
    run(&mut |connection| {
        let work = work.take().ok_or_else(lost)?;
        given = Some(work(connection)?);
        Ok(())
    })?;
    given.ok_or_else(lost)
}
