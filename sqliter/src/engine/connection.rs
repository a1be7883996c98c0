//! The synchronous core: one connection, statements run in place.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use rusqlite::types::{ToSqlOutput, Value as RawValue, ValueRef as RawRef};
use sqlx::Connection as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};

use super::cancellation::{CancelOnDrop, Cancellation};
use super::log::{Log, Progress};
use super::patience::Patience;
use super::setup::{SetUp, is_busy};
use super::snapshot::Snapshot;
use super::tables::Tables;
use super::{Row, words};
use crate::error::{CHECK_FAILED, Context, Error, NAMED_BY, Operation, Result, SqliteError, code};
use crate::sql::{Argument, Statement};
use crate::value::{Encoded, Value};

/// How many prepared statements a connection keeps.
const CACHED_STATEMENTS: usize = 256;

/// After how many steps of SQLite's virtual machine a running statement looks whether it was cancelled.
const STEPS_BETWEEN_CHECKS: i32 = 2_000;

/// A connection that sqlx has opened and configured, used in place.
///
/// The fields are dropped in their order: the wrapper with its prepared statements goes before its owner.
pub struct Connection {
    sqlite: rusqlite::Connection,
    owner: SqliteConnection,
    cancellation: Arc<Cancellation>,
    patience: Patience,
    pub(super) snapshot: Snapshot,
    busy_timeout: Duration,
    /// How many statements all connections of the engine have run.
    statements: Arc<AtomicU64>,
    pub(super) log: Log,
    /// Whether jobs with this version of the schema must not share a commit.
    pub(super) commits_alone: Option<(i64, bool)>,
    pub(super) tables: Tables,
    /// Whether its settings are not those that a connection must have.
    pub(super) is_spoiled: bool,
}

impl Connection {
    pub(super) async fn open(
        options: &SqliteConnectOptions,
        busy_timeout: Duration,
        statements: Arc<AtomicU64>,
        log: Log,
        set_up: &SetUp,
    ) -> Result<Self, sqlx::Error> {
        let mut owner = set_up.connect(options).await?;
        let cancellation = Arc::new(Cancellation::default());
        let watched = Arc::clone(&cancellation);
        owner.lock_handle().await?.set_progress_handler(STEPS_BETWEEN_CHECKS, move || !watched.is_cancelled());
        let sqlite = super::handle::attach(&mut owner).await?;
        sqlite.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
        super::handle::ask_before_compiling(&sqlite);
        let patience = Patience::install(&sqlite, busy_timeout, Arc::clone(&cancellation))
            .map_err(|error| sqlx::Error::Configuration(Box::new(error)))?;
        let snapshot = Snapshot::default();
        let mut connection = Self {
            sqlite,
            owner,
            cancellation,
            patience,
            snapshot,
            busy_timeout,
            statements,
            log,
            commits_alone: None,
            tables: Tables::default(),
            is_spoiled: false,
        };
        connection.find_wal();
        Ok(connection)
    }

    /// Closes the connection. SQLite refreshes its statistics before, where that is due and nobody else is writing.
    pub(crate) async fn close(mut self) -> Result<(), sqlx::Error> {
        // The last job may have been cancelled, which must not stop what is still to be done.
        self.begin_job().disarm();
        self.end_snapshot().map_err(|report| sqlx::Error::Protocol(report.to_string()))?;
        let Self { sqlite, mut owner, busy_timeout, .. } = self;
        // What sqlx does from here on runs on a thread of its own.
        sqlite.busy_timeout(busy_timeout).map_err(|error| sqlx::Error::Configuration(Box::new(error)))?;
        drop(sqlite);
        // https://www.sqlite.org/lang_analyze.html#pragma_optimize. Statistics are read before they are written, so this
        // fails at once, whatever the timeout, while another process writes: then it is left to whoever closes later.
        let optimized = sqlx::raw_sql("PRAGMA optimize").execute(&mut owner).await;
        let closed = owner.close().await;
        match optimized {
            Err(error) if !is_busy(&error) => Err(error),
            _ => closed,
        }
    }

    pub(super) fn is_read_only(&self) -> bool {
        self.sqlite.is_readonly(rusqlite::MAIN_DB).unwrap_or(false)
    }

    /// Marks the beginning of a job; dropping what is returned cancels the job.
    pub(super) fn begin_job(&self) -> CancelOnDrop {
        self.cancellation.begin()
    }

    /// Runs the work of a job, which may wait for locks.
    pub(super) fn run_job<T>(&mut self, job: impl FnOnce(&mut Self) -> T) -> T {
        let present = self.patience.begin();
        let value = job(self);
        self.patience.end(present);
        value
    }

    /// Whether another process, or a connection of the pool, held a lock a short while ago.
    pub(super) fn met_a_lock_lately(&self) -> bool {
        self.patience.met_a_lock_lately()
    }

    /// Whether no transaction was begun.
    pub(crate) fn is_autocommit(&self) -> bool {
        self.sqlite.is_autocommit() || self.keeps_snapshot()
    }

    pub(super) const fn sqlite(&self) -> &rusqlite::Connection {
        &self.sqlite
    }

    /// SQLite's report as the error that fits the context.
    pub(crate) fn error(&self, context: Context<'_>, mut source: SqliteError) -> Error {
        if let Some(table) = source.message.strip_prefix("no such table: main.") {
            // A statement names no schema: a foreign key, a trigger or a view of the file does.
            let named_by = self.what_refers_to(table);
            if !named_by.is_empty() {
                source.message.push_str(&format!("{NAMED_BY}{} refers", named_by.join(" and ")));
            }
        }
        context.error(source, self.busy_timeout)
    }

    /// The foreign keys, triggers and views that name a table.
    fn what_refers_to(&self, table: &str) -> Vec<String> {
        const REFERRING: &str = "SELECT 'the foreign key ' || t.name || '.' || k.\"from\" \
            FROM sqlite_schema AS t, pragma_foreign_key_list(t.name) AS k \
            WHERE t.type = 'table' AND k.\"table\" = ?1 COLLATE NOCASE \
            UNION ALL SELECT 'the ' || type || ' ' || name FROM sqlite_schema \
            WHERE type IN ('trigger', 'view') AND instr(lower(sql), lower(?1)) > 0";
        let found = self.sqlite.prepare_cached(REFERRING).and_then(|mut statement| {
            statement.query_map([table], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()
        });
        // The error is told without this where looking fails too.
        found.unwrap_or_default()
    }

    /// Runs statements that take no arguments and return no rows.
    pub(crate) fn batch(&mut self, sql: &str, context: Context<'_>) -> Result<()> {
        self.try_batch(sql).map_err(|source| self.error(context, source))
    }

    /// As [`batch`](Self::batch), with SQLite's own report.
    pub(super) fn try_batch(&mut self, sql: &str) -> Result<(), SqliteError> {
        self.count();
        let done = self.log.statement(sql, |_| {
            refuse_nul(sql)?;
            self.sqlite.execute_batch(sql).map_err(report)
        });
        self.has_run(sql);
        done
    }

    /// As [`batch`](Self::batch), but gives `false` instead of waiting for a lock.
    pub(crate) fn batch_at_once(&mut self, sql: &str, context: Context<'_>) -> Result<bool> {
        let suspended = self.patience.suspend();
        let result = self.batch(sql, context);
        drop(suspended);
        match result {
            Err(Error::Busy { .. }) => {
                self.patience.meet_a_lock();
                Ok(false)
            }
            result => result.map(|()| true),
        }
    }

    /// Runs a statement that returns no rows; gives the number of rows changed, or SQLite's own report.
    pub(crate) fn try_execute(&mut self, statement: &Statement) -> Result<u64, SqliteError> {
        self.log.statement(&statement.text, |progress| {
            let mut prepared = self.bound(statement, progress)?;
            progress.rows = prepared.raw_execute().map_err(report)? as u64;
            Ok(progress.rows)
        })
    }

    /// Runs a query and decodes its rows while it steps.
    pub(crate) fn query<T>(
        &mut self,
        statement: &Statement,
        context: Context<'_>,
        mut decode: impl FnMut(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let failed = |error| self.error(context, report(error));
        self.log.statement(&statement.text, |progress| {
            let mut prepared = self.bound(statement, progress).map_err(|source| self.error(context, source))?;
            let mut rows = prepared.raw_query();
            let mut decoded = Vec::new();
            while let Some(row) = rows.next().map_err(failed)? {
                progress.rows += 1;
                decoded.push(decode(&Row::new(row))?);
            }
            Ok(decoded)
        })
    }

    /// The first column of the first row, as an integer; 0 when there is no row.
    pub(crate) fn integer(&mut self, statement: &Statement, context: Context<'_>) -> Result<i64> {
        let failed = |error| self.error(context, report(error));
        self.log.statement(&statement.text, |progress| {
            let mut prepared = self.bound(statement, progress).map_err(|source| self.error(context, source))?;
            match prepared.raw_query().next().map_err(failed)? {
                Some(row) => {
                    progress.rows = 1;
                    row.get(0).map_err(failed)
                }
                None => Ok(0),
            }
        })
    }

    /// The columns of all rows as text, for statements about the schema.
    pub(crate) fn texts(&mut self, statement: &Statement, context: Context<'_>) -> Result<Vec<Vec<String>>> {
        let failed = |error| self.error(context, report(error));
        self.log.statement(&statement.text, |progress| {
            let mut prepared = self.bound(statement, progress).map_err(|source| self.error(context, source))?;
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

    /// Runs one statement many times, each time with the arguments that `write` binds. `done` gets how many rows that
    /// changed, and the row id of the last insert.
    pub(crate) fn repeat<I>(
        &mut self,
        sql: &str,
        items: impl IntoIterator<Item = I>,
        context: Context<'_>,
        write: impl Fn(&I, &mut dyn FnMut(Encoded<'_>) -> Result<()>) -> Result<()>,
        mut done: impl FnMut(I, usize, i64) -> Result<()>,
    ) -> Result<(), (Error, Option<I>)> {
        self.log.statement(sql, |progress| {
            let mut prepared = self.prepare(sql, progress).map_err(|source| (self.error(context, source), None))?;
            for item in items {
                if self.cancellation.is_cancelled() {
                    return Err((self.error(context, interrupted()), None));
                }
                let mut index = 0;
                let bound = write(&item, &mut |value| {
                    index += 1;
                    progress.argument(index, &value);
                    prepared.raw_bind_parameter(index, Bound(value)).map_err(|error| self.error(context, report(error)))
                });
                if let Err(error) = bound {
                    return Err((error, None));
                }
                match prepared.raw_execute() {
                    Ok(changed) => {
                        progress.rows += changed as u64;
                        done(item, changed, self.sqlite.last_insert_rowid()).map_err(|error| (error, None))?;
                    }
                    Err(error) => return Err((self.error(context, report(error)), Some(item))),
                }
            }
            Ok(())
        })
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
        self.ended(work, |connection| connection.batch(commit, context), |connection| connection.batch(undo, context))
    }

    /// Runs work that writes rows of models in the transaction that is open, or else in one of its own. Such a
    /// transaction is no statement of the user's: it is neither counted nor told, unless it fails or has to wait.
    pub(crate) fn writing<T>(&mut self, context: Context<'_>, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        const BEGIN: &str = "BEGIN IMMEDIATE";
        if !self.is_autocommit() {
            return work(self);
        }
        let suspended = self.patience.suspend();
        let begun = self.control(BEGIN);
        drop(suspended);
        match begun {
            Ok(()) => self.has_run(BEGIN),
            Err(_) => {
                self.patience.meet_a_lock();
                self.batch(BEGIN, context)?;
            }
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
    pub(super) fn abandon(&mut self) -> Result<()> {
        if self.is_spoiled {
            return Err(Error::Runtime { reason: "the connection lost its settings".to_owned() });
        }
        if self.is_autocommit() {
            return Ok(());
        }
        // The job that was cancelled is over; its cancellation must not stop the rollback.
        self.begin_job().disarm();
        let context = Context::new(Operation::Execute, "ROLLBACK");
        self.log.operation(context).run(|| self.batch("ROLLBACK", context))
    }

    /// The statement, prepared and with its arguments.
    pub(super) fn bound(
        &self,
        statement: &Statement,
        progress: &mut Progress,
    ) -> Result<rusqlite::CachedStatement<'_>, SqliteError> {
        let mut prepared = self.prepare(&statement.text, progress)?;
        progress.arguments(&statement.arguments);
        bind_all(&mut prepared, &statement.arguments)?;
        Ok(prepared)
    }

    /// The one value that a pragma gives; it does not count as a statement.
    pub(super) fn ask<T: rusqlite::types::FromSql>(&self, pragma: &str) -> Result<T, SqliteError> {
        let _present = self.patience.begin();
        let ask = |progress: &mut Progress| {
            let mut prepared = self.sqlite.prepare_cached(pragma).map_err(report)?;
            let value = prepared.query_row([], |row| row.get(0)).map_err(report)?;
            progress.rows = 1;
            Ok(value)
        };
        self.log.operation(Context::new(Operation::Execute, pragma)).run(|| self.log.statement(pragma, ask))
    }

    fn prepare(&self, sql: &str, progress: &mut Progress) -> Result<rusqlite::CachedStatement<'_>, SqliteError> {
        self.count();
        refuse_nul(sql)?;
        let prepared = self.ready()?.prepare_cached(sql).map_err(report)?;
        progress.prepared = true;
        Ok(prepared)
    }

    /// The connection itself, unless the job was cancelled.
    pub(super) fn ready(&self) -> Result<&rusqlite::Connection, SqliteError> {
        if self.cancellation.is_cancelled() { Err(interrupted()) } else { Ok(&self.sqlite) }
    }

    /// How many rows all statements of the connection have changed so far.
    pub(super) fn total_changes(&self) -> u64 {
        self.sqlite.total_changes()
    }

    pub(super) fn count(&self) {
        self.statements.fetch_add(1, Ordering::Relaxed);
    }
}

fn interrupted() -> SqliteError {
    SqliteError { code: code::INTERRUPT, message: "interrupted".to_owned() }
}

/// SQLite reads a text up to its first NUL character, and runs what stands before it.
pub(super) fn refuse_nul(sql: &str) -> Result<(), SqliteError> {
    match words::nul(sql) {
        None => Ok(()),
        Some(at) => Err(SqliteError {
            code: code::ERROR,
            message: format!(
                "the text has a NUL character at byte {at}, where SQLite would stop reading; bind text as an argument"
            ),
        }),
    }
}

pub(super) fn bind_all(
    statement: &mut rusqlite::CachedStatement<'_>,
    arguments: &[Argument],
) -> Result<(), SqliteError> {
    for (i, argument) in arguments.iter().enumerate() {
        match argument {
            Argument::Value(value) => statement.raw_bind_parameter(i + 1, Borrowed(value)),
            Argument::List(list) => {
                let list: Rc<Vec<RawValue>> = Rc::new(list.iter().map(raw_value).collect());
                statement.raw_bind_parameter(i + 1, list)
            }
        }
        .map_err(report)?;
    }
    Ok(())
}

fn raw_value(value: &Value) -> RawValue {
    match value {
        Value::Null => RawValue::Null,
        Value::Integer(i) => RawValue::Integer(*i),
        Value::Real(r) => RawValue::Real(*r),
        Value::Text(t) => RawValue::Text(t.clone()),
        Value::Blob(b) => RawValue::Blob(b.clone()),
    }
}

struct Borrowed<'a>(&'a Value);

impl rusqlite::ToSql for Borrowed<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Value::Null => RawRef::Null,
            Value::Integer(i) => RawRef::Integer(*i),
            Value::Real(r) => RawRef::Real(*r),
            Value::Text(t) => RawRef::Text(t.as_bytes()),
            Value::Blob(b) => RawRef::Blob(b),
        }))
    }
}

struct Bound<'a>(Encoded<'a>);

impl rusqlite::ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match &self.0 {
            Encoded::Null => RawRef::Null,
            Encoded::Integer(i) => RawRef::Integer(*i),
            Encoded::Real(r) => RawRef::Real(*r),
            Encoded::Text(t) => RawRef::Text(t.as_bytes()),
            Encoded::Blob(b) => RawRef::Blob(b),
        }))
    }
}

/// The report of SQLite in an error of rusqlite.
pub(super) fn report(error: rusqlite::Error) -> SqliteError {
    match error {
        // A function can give either a code or a message.
        rusqlite::Error::SqliteFailure(failure, Some(message))
            if failure.extended_code == code::ERROR && message.starts_with(CHECK_FAILED) =>
        {
            SqliteError { code: code::CHECK, message }
        }
        rusqlite::Error::SqliteFailure(code, message) => {
            SqliteError { code: code.extended_code, message: message.unwrap_or_else(|| code.to_string()) }
        }
        rusqlite::Error::SqlInputError { error, msg, .. } => SqliteError { code: error.extended_code, message: msg },
        other => SqliteError { code: code::ERROR, message: other.to_string() },
    }
}
