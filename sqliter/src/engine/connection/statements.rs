//! Running statements in place.

use std::cell::Cell;

use super::Connection;
use super::arguments::{Bound, bind_all};
use super::report::{interrupted, refuse_nul, report};
use crate::engine::limits::{is_too_much, must_stop, undisturbed};
use crate::engine::log::Progress;
use crate::engine::{RowRef, SqlText, words};
use crate::error::{Context, Error, Operation, Result, SqliteError};
use crate::sql::Statement;
use crate::value::Encoded;

/// Gives the arguments of a row, by its number.
type WritesRow<'w> = &'w dyn Fn(usize, &mut dyn FnMut(Encoded<'_>) -> Result<()>) -> Result<()>;

/// The first words of what begins or ends a transaction or a savepoint.
const TRANSACTIONS: [&str; 5] = ["BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE"];

impl Connection {
    /// Runs statements that take no arguments and return no rows.
    pub(crate) fn batch(&mut self, sql: &str, context: Context<'_>) -> Result<()> {
        self.try_batch(sql).map_err(|source| self.error(context, source))
    }

    /// As [`batch`](Self::batch), with SQLite's own report.
    pub(in crate::engine) fn try_batch(&mut self, sql: &str) -> Result<(), SqliteError> {
        self.count();
        let done = self.log.statement(sql, |_| {
            refuse_nul(sql)?;
            let run = || self.sqlite.execute_batch(sql).map_err(report);
            if words::is_first_of(sql, &TRANSACTIONS) { undisturbed(run) } else { run() }
        });
        if done.is_ok() {
            self.note_text(sql);
        }
        self.has_run(sql);
        done
    }

    /// Runs a statement that returns no rows; gives the number of rows changed, or SQLite's own report.
    pub(crate) fn try_execute(&mut self, statement: &Statement) -> Result<u64, SqliteError> {
        self.log.statement(&statement.text, |progress| {
            let mut prepared = self.bound(statement, progress)?;
            progress.changed(prepared.raw_execute().map_err(report)? as u64);
            self.note_run(&prepared, &statement.text);
            self.has_scanned(&prepared, &statement.text);
            Ok(progress.rows)
        })
    }

    /// Runs a query and decodes its rows while it steps.
    pub(crate) fn query<T>(
        &mut self,
        statement: &Statement,
        context: Context<'_>,
        mut decode: impl FnMut(&RowRef<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let mut decoded = Vec::new();
        self.each(statement, context, &mut |row| {
            decoded.push(decode(row)?);
            Ok(())
        })?;
        Ok(decoded)
    }

    /// Runs a query and gives each of its rows while it steps.
    pub(crate) fn each(
        &mut self,
        statement: &Statement,
        context: Context<'_>,
        each: &mut dyn FnMut(&RowRef<'_>) -> Result<()>,
    ) -> Result<()> {
        self.each_while(statement, context, |_| Ok(true), each).map(drop)
    }

    /// As [`each`](Self::each), as long as the compiled statement is the right one: before it runs, before the first row, and at the
    /// end when there was none. Gives whether it was.
    pub(in crate::engine) fn each_while(
        &self,
        statement: &Statement,
        context: Context<'_>,
        is_right: impl Fn(&rusqlite::Statement<'_>) -> Result<bool, SqliteError>,
        each: &mut dyn FnMut(&RowRef<'_>) -> Result<()>,
    ) -> Result<bool> {
        let failed = |error| self.error(context, report(error));
        let is_right = |prepared: &rusqlite::Statement<'_>| is_right(prepared).map_err(|e| self.error(context, e));
        self.log.statement(&statement.text, |progress| {
            let mut prepared = self.bound(statement, progress).map_err(|source| self.error(context, source))?;
            progress.returns();
            if !is_right(&prepared)? {
                return Ok(false);
            }
            let mut rows = prepared.raw_query();
            let bytes = Cell::new(0);
            while let Some(row) = rows.next().map_err(failed)? {
                if progress.rows == 0 && !is_right(row.as_ref())? {
                    return Ok(false);
                }
                progress.rows += 1;
                each(&RowRef::new(row, &bytes))?;
                self.check_read(bytes.get(), context)?;
            }
            drop(rows);
            self.note_run(&prepared, &statement.text);
            self.has_scanned(&prepared, &statement.text);
            Ok(progress.rows > 0 || is_right(&prepared)?)
        })
    }

    /// Ends work in place that reads too much.
    #[inline]
    pub(in crate::engine) fn check_read(&self, bytes: usize, context: Context<'_>) -> Result<()> {
        match is_too_much(bytes) {
            false => Ok(()),
            true => Err(self.error(context, interrupted())),
        }
    }

    /// The first column of the first row, as an integer; 0 when there is no row.
    pub(crate) fn integer(&mut self, statement: &Statement, context: Context<'_>) -> Result<i64> {
        let failed = |error| self.error(context, report(error));
        self.log.statement(&statement.text, |progress| {
            let mut prepared = self.bound(statement, progress).map_err(|source| self.error(context, source))?;
            progress.returns();
            let number = match prepared.raw_query().next().map_err(failed)? {
                Some(row) => {
                    progress.rows = 1;
                    row.get(0).map_err(failed)?
                }
                None => 0,
            };
            self.has_scanned(&prepared, &statement.text);
            Ok(number)
        })
    }

    /// The columns of all rows as text, for statements about the schema.
    pub(crate) fn texts(&mut self, statement: &Statement, context: Context<'_>) -> Result<Vec<Vec<String>>> {
        let failed = |error| self.error(context, report(error));
        self.log.statement(&statement.text, |progress| {
            let mut prepared = self.bound(statement, progress).map_err(|source| self.error(context, source))?;
            progress.returns();
            let width = prepared.column_count();
            let mut rows = prepared.raw_query();
            let mut texts = Vec::new();
            while let Some(row) = rows.next().map_err(failed)? {
                progress.rows += 1;
                texts.push((0..width).map(|i| row.get(i)).collect::<rusqlite::Result<_>>().map_err(failed)?);
            }
            Ok(texts)
        })
    }

    /// Runs one statement for each of so many rows, with the arguments that `write` binds. `done` gets how many rows that
    /// changed, and the row id of the last insert. An error comes with the number of the row that it is about.
    pub(crate) fn repeat(
        &mut self,
        text: SqlText<'_>,
        rows: usize,
        context: Context<'_>,
        write: WritesRow<'_>,
        done: &mut dyn FnMut(usize, usize, i64) -> Result<()>,
    ) -> Result<(), (Error, Option<usize>)> {
        let ran = self.log.statement(text.told, |progress| {
            let mut prepared =
                self.prepare(text.here(), progress).map_err(|source| (self.error(context, source), None))?;
            for row in 0..rows {
                if must_stop() {
                    return Err((self.error(context, interrupted()), None));
                }
                let mut index = 0;
                let bound = write(row, &mut |value| {
                    index += 1;
                    progress.argument(index, &value);
                    prepared.raw_bind_parameter(index, Bound(value)).map_err(|error| self.error(context, report(error)))
                });
                bound.map_err(|error| (error, Some(row)))?;
                let changed =
                    prepared.raw_execute().map_err(|error| (self.error(context, report(error)), Some(row)))?;
                progress.changed(changed as u64);
                self.note_run(&prepared, text.told);
                if let Err(error) = done(row, changed, self.sqlite.last_insert_rowid()) {
                    // The statement itself has not failed.
                    return Ok(Err((error, Some(row))));
                }
            }
            Ok(Ok(()))
        });
        ran.and_then(|ended| ended)
    }

    /// Reads nothing of the database, which makes a transaction see it as it is now.
    pub(crate) fn touch(&self, context: Context<'_>) -> Result<()> {
        self.try_touch().map_err(|source| self.error(context, source))
    }

    /// The same, with SQLite's own report.
    pub(in crate::engine) fn try_touch(&self) -> Result<(), SqliteError> {
        self.ask_all("SELECT 1 FROM sqlite_schema LIMIT 0", [], |_| Ok(())).map(drop)
    }

    /// The one value that a pragma gives; it does not count as a statement.
    pub(in crate::engine) fn ask<T: rusqlite::types::FromSql>(&self, pragma: &str) -> Result<T, SqliteError> {
        let ask = |progress: &mut Progress| {
            let mut prepared = self.sqlite.prepare_cached(pragma).map_err(report)?;
            let value = prepared.query_row([], |row| row.get(0)).map_err(report)?;
            progress.returns();
            progress.rows = 1;
            Ok(value)
        };
        self.log.operation(Context::new(Operation::Execute, pragma)).run(|| self.log.statement(pragma, ask))
    }

    /// Runs a statement that is not the user's: neither told nor counted.
    pub(in crate::engine) fn control(&self, sql: &str) -> Result<(), SqliteError> {
        undisturbed(|| self.sqlite.prepare_cached(sql).and_then(|mut statement| statement.execute([])))
            .map(|_| self.note_text(sql))
            .map_err(report)
    }

    /// The statement, prepared and with its arguments.
    pub(in crate::engine) fn bound(
        &self,
        statement: &Statement,
        progress: &mut Progress,
    ) -> Result<rusqlite::CachedStatement<'_>, SqliteError> {
        let mut prepared = self.prepare(SqlText::from(statement).here(), progress)?;
        progress.arguments(&statement.arguments);
        bind_all(&mut prepared, &statement.arguments)?;
        Ok(prepared)
    }

    pub(in crate::engine) fn prepare(
        &self,
        sql: &str,
        progress: &mut Progress,
    ) -> Result<rusqlite::CachedStatement<'_>, SqliteError> {
        self.count();
        refuse_nul(sql)?;
        let prepared = self.ready()?.prepare_cached(sql).map_err(report)?;
        progress.prepared = true;
        Ok(prepared)
    }
}
