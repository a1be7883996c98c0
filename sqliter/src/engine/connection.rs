//! The synchronous core: one connection, statements run in place.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::limits::Limit;

use rusqlite::types::{ToSqlOutput, Value as RawValue, ValueRef as RawRef};
use sqlx::Connection as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};

use super::enforcement::Changed;
use super::lasting::compiling_nothing;
use super::limits::{
    LONGEST_IN_PLACE, STEPS_BETWEEN_CHECKS, has_reported, is_in_place, is_too_much, may_go_on, may_try_again,
    must_stop, needs_thread, stopping_between, ticking, undisturbed, without_waiting,
};
use super::log::{Log, Progress};
use super::revision::Commits;
use super::setup::{SetUp, is_busy};
use super::tables::Tables;
use super::{Counts, RowRef, handle, words};
use crate::error::{CHECK_FAILED, Context, Error, NAMED_BY, Operation, Result, SqliteError, code};
use crate::sql::{Argument, Statement};
use crate::value::{Encoded, KeyValues, Value};

/// How many prepared statements a connection keeps.
const CACHED_STATEMENTS: usize = 256;

/// The first words of what begins or ends a transaction or a savepoint.
const TRANSACTIONS: [&str; 5] = ["BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE"];

/// How long a list may be that is bound in place.
const MANY_ARGUMENTS: usize = 2_000;

/// From how many changed rows on a transaction is not ended in place.
const MUCH: u64 = 500;

/// A connection that sqlx has opened and configured, used in place.
///
/// The fields are dropped in their order: the wrapper with its prepared statements goes before its owner.
pub struct Connection {
    sqlite: rusqlite::Connection,
    owner: SqliteConnection,
    busy_timeout: Duration,
    /// What is counted of all connections of the engine.
    counts: Arc<Counts>,
    #[cfg(feature = "testing")]
    pub(super) scans: Arc<super::scans::Scans>,
    /// How many of its own it has not added yet.
    counted: Cell<u64>,
    /// How many rows had been changed when no transaction was open.
    changes_before: u64,
    pub(super) log: Log,
    pub(super) commits: Commits,
    /// The longest text, blob or row that SQLite takes, but for work in place.
    longest: i32,
    /// Whether a commit waits for no disk.
    commits_at_once: bool,
    /// At how many pages the log is moved into the database file; 0 for never.
    checkpoint_at: i32,
    pub(super) tables: Tables,
    /// The settings that are others now, in the order of their changes.
    pub(super) changed: Vec<Changed>,
    /// Whether the database is in memory.
    in_memory: bool,
}

impl Connection {
    pub(super) async fn open(
        options: &SqliteConnectOptions,
        busy_timeout: Duration,
        counts: Arc<Counts>,
        log: Log,
        set_up: &SetUp,
    ) -> Result<Self, sqlx::Error> {
        let mut owner = set_up.connect(options).await?;
        owner.lock_handle().await?.set_progress_handler(STEPS_BETWEEN_CHECKS, may_go_on);
        let sqlite = handle::attach(&mut owner).await?;
        sqlite.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
        sqlite.busy_handler(Some(may_try_again)).map_err(|error| sqlx::Error::Configuration(Box::new(error)))?;
        handle::ask_before_compiling(&sqlite);
        let mut connection = Self {
            sqlite,
            owner,
            busy_timeout,
            counts,
            #[cfg(feature = "testing")]
            scans: Arc::default(),
            counted: Cell::new(0),
            changes_before: 0,
            log,
            commits: Commits::default(),
            longest: 0,
            commits_at_once: false,
            checkpoint_at: 0,
            tables: Tables::default(),
            changed: Vec::new(),
            in_memory: !set_up.has_log,
        };
        connection.find_wal();
        connection.prepare_for_jobs().map_err(|error| sqlx::Error::Configuration(Box::new(error)))?;
        Ok(connection)
    }

    /// Sets the limit of work in place, and takes the checkpoints over from SQLite: it would make them in the commit of
    /// whoever writes the thousandth page, which keeps its thread waiting for the disk.
    fn prepare_for_jobs(&mut self) -> rusqlite::Result<()> {
        const NORMAL: i64 = 1;
        let number = |pragma: &str| self.sqlite.query_row(pragma, [], |row| row.get::<_, i64>(0));
        let (synchronous, checkpoint_at) = (number("PRAGMA synchronous")?, number("PRAGMA wal_autocheckpoint")?);
        let mode: String = self.sqlite.query_row("PRAGMA journal_mode", [], |row| row.get(0))?;
        self.commits_at_once = mode == "memory" || (mode == "wal" && synchronous <= NORMAL);
        self.checkpoint_at = i32::try_from(checkpoint_at).unwrap_or(0);
        handle::watch_log(&self.sqlite);
        self.longest = self.sqlite.limit(Limit::SQLITE_LIMIT_LENGTH)?;
        self.set_limit();
        Ok(())
    }

    /// SQLite touches nothing that is long, as it must be in place: unless the schema has what does not bear that.
    pub(super) fn set_limit(&self) {
        let longest = if self.bears_limit() { LONGEST_IN_PLACE.min(self.longest) } else { self.longest };
        // It fails for negative numbers only.
        let _ = self.sqlite.set_limit(Limit::SQLITE_LIMIT_LENGTH, longest);
    }

    /// SQLite takes everything that it can.
    pub(super) fn lift_limit(&self) {
        let _ = self.sqlite.set_limit(Limit::SQLITE_LIMIT_LENGTH, self.longest);
    }

    /// Whether what few rows write is committed without waiting for the disk.
    pub(super) const fn commits_at_once(&self) -> bool {
        self.commits_at_once
    }

    /// Whether the last commit on this thread has made the log so long that it must be moved into the database file.
    pub(super) fn needs_checkpoint(&self) -> bool {
        let pages = handle::take_log_length();
        self.counts.log_has(pages);
        self.checkpoint_at > 0 && pages >= self.checkpoint_at
    }

    /// Moves the log into the database file, as far as readers let it, and as SQLite itself would.
    pub(super) fn checkpoint(&self) {
        // What could not be moved is moved after the next commit.
        let _ = self.control("PRAGMA wal_checkpoint(PASSIVE)");
        handle::take_log_length();
    }

    /// Whether this is work in place, on a thread of the program.
    pub(crate) fn is_in_place(&self) -> bool {
        is_in_place()
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
    pub(super) fn is_small(&self) -> bool {
        const SMALL: u32 = 256;
        let pages = self.sqlite.prepare_cached("PRAGMA page_count");
        // It would read a schema that others have changed.
        let pages = pages.and_then(|mut pages| compiling_nothing(|| pages.query_row([], |row| row.get::<_, u32>(0))));
        pages.is_ok_and(|pages| pages <= SMALL)
    }

    /// Leaves the writing of a row to a thread if the row is long, as SQLite frees its pages in one step. `is_long` finds the row if
    /// it is, and is no statement of the user's: neither told nor counted.
    pub(crate) fn leave_long_row(&self, is_long: &str, key: &KeyValues, context: Context<'_>) -> Result<()> {
        if is_long.is_empty() || !is_in_place() {
            return Ok(());
        }
        let found = || -> rusqlite::Result<bool> {
            let mut prepared = self.sqlite.prepare_cached(is_long)?;
            for (value, index) in key.iter().zip(1..) {
                prepared.raw_bind_parameter(index, Borrowed(value))?;
            }
            let found = prepared.raw_query().next()?.is_some();
            Ok(found)
        };
        match found() {
            Ok(true) => self.leave_to_thread(context),
            // Where the table is another one than its model says, the write itself tells.
            Ok(false) | Err(_) => Ok(()),
        }
    }

    /// Ends work in place that belongs on a thread.
    pub(super) fn leave_to_thread(&self, context: Context<'_>) -> Result<()> {
        only_on_thread().map_err(|source| self.error(context, source))
    }

    /// Whether the open transaction has changed so many rows that ending it takes its time.
    pub(super) fn has_changed_much(&self) -> bool {
        !self.is_autocommit() && self.total_changes() - self.changes_before > MUCH
    }

    /// Closes the connection. SQLite refreshes its statistics before, where that is due and nobody else is writing.
    pub(crate) async fn close(self) -> Result<(), sqlx::Error> {
        self.lift_limit();
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

    /// Whether no transaction is open.
    pub(crate) fn is_autocommit(&self) -> bool {
        self.sqlite.is_autocommit()
    }

    pub(super) const fn sqlite(&self) -> &rusqlite::Connection {
        &self.sqlite
    }

    #[cfg(feature = "testing")]
    pub(super) const fn sqlite_mut(&mut self) -> &mut rusqlite::Connection {
        &mut self.sqlite
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
        if self.in_memory && matches!(source.primary_code(), code::BUSY | code::LOCKED) {
            // There is one connection of the library.
            source.message.push_str(": a statement or a transaction of the pool is not at its end");
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
            let run = || self.sqlite.execute_batch(sql).map_err(report);
            if words::is_first_of(sql, &TRANSACTIONS) { undisturbed(run) } else { run() }
        });
        self.has_run(sql);
        done
    }

    /// Runs a statement that returns no rows; gives the number of rows changed, or SQLite's own report.
    pub(crate) fn try_execute(&mut self, statement: &Statement) -> Result<u64, SqliteError> {
        self.log.statement(&statement.text, |progress| {
            let mut prepared = self.bound(statement, progress)?;
            progress.changed(prepared.raw_execute().map_err(report)? as u64);
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
    pub(super) fn each_while(
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
            self.has_scanned(&prepared, &statement.text);
            Ok(progress.rows > 0 || is_right(&prepared)?)
        })
    }

    /// Ends work in place that reads too much.
    #[inline]
    pub(super) fn check_read(&self, bytes: usize, context: Context<'_>) -> Result<()> {
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

    /// Runs one statement many times, each time with the arguments that `write` binds. `done` gets how many rows that
    /// changed, and the row id of the last insert. An error comes with the item that it is about.
    pub(crate) fn repeat<I>(
        &mut self,
        sql: &str,
        items: impl IntoIterator<Item = I>,
        context: Context<'_>,
        write: impl Fn(&I, &mut dyn FnMut(Encoded<'_>) -> Result<()>) -> Result<()>,
        mut done: impl FnMut(&I, usize, i64) -> Result<()>,
    ) -> Result<(), (Error, Option<I>)> {
        let ran = self.log.statement(sql, |progress| {
            let mut prepared = self.prepare(sql, progress).map_err(|source| (self.error(context, source), None))?;
            for item in items {
                if must_stop() {
                    return Err((self.error(context, interrupted()), None));
                }
                let mut index = 0;
                let bound = write(&item, &mut |value| {
                    index += 1;
                    progress.argument(index, &value);
                    prepared.raw_bind_parameter(index, Bound(value)).map_err(|error| self.error(context, report(error)))
                });
                if let Err(error) = bound {
                    return Err((error, Some(item)));
                }
                match prepared.raw_execute() {
                    Ok(changed) => {
                        progress.changed(changed as u64);
                        if let Err(error) = done(&item, changed, self.sqlite.last_insert_rowid()) {
                            // The statement itself has not failed.
                            return Ok(Err((error, Some(item))));
                        }
                    }
                    Err(error) => return Err((self.error(context, report(error)), Some(item))),
                }
            }
            Ok(Ok(()))
        });
        ran.and_then(|ended| ended)
    }

    /// Runs statements that change the schema, undoes them, and gives what SQLite has against them. They are no statements
    /// of the user's: neither told nor counted. Inside a transaction.
    pub(crate) fn attempt_schema(&mut self, statements: &[String]) -> Result<(), SqliteError> {
        self.control("SAVEPOINT attempt")?;
        let done = statements.iter().try_for_each(|sql| self.sqlite.execute_batch(sql).map_err(report));
        self.control("ROLLBACK TO attempt")?;
        self.control("RELEASE attempt")?;
        done
    }

    /// Reads nothing of the database, which makes a transaction see it as it is now.
    pub(crate) fn touch(&self, context: Context<'_>) -> Result<()> {
        let touched = self.ask_all("SELECT 1 FROM sqlite_schema LIMIT 0", [], |_| Ok(()));
        touched.map(drop).map_err(|source| self.error(context, source))
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

    /// Runs work on a thread of the engine; `tell` gets how many steps SQLite has made since it was told before, some twenty
    /// times a second.
    pub(crate) fn ticking<T>(&mut self, tell: Option<Box<dyn FnMut(u64)>>, work: impl FnOnce(&mut Self) -> T) -> T {
        ticking(tell, || work(self))
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
        let ask = |progress: &mut Progress| {
            let mut prepared = self.sqlite.prepare_cached(pragma).map_err(report)?;
            let value = prepared.query_row([], |row| row.get(0)).map_err(report)?;
            progress.returns();
            progress.rows = 1;
            Ok(value)
        };
        self.log.operation(Context::new(Operation::Execute, pragma)).run(|| self.log.statement(pragma, ask))
    }

    pub(super) fn prepare(
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

    /// The connection itself, unless the job was cancelled.
    pub(super) fn ready(&self) -> Result<&rusqlite::Connection, SqliteError> {
        if must_stop() { Err(interrupted()) } else { Ok(&self.sqlite) }
    }

    /// How many rows all statements of the connection have changed so far.
    pub(super) fn total_changes(&self) -> u64 {
        self.sqlite.total_changes()
    }

    pub(super) fn count(&self) {
        self.counted.set(self.counted.get() + 1);
    }

    /// Adds the statements that were run to those of all connections.
    pub(super) fn tell_count(&self) {
        let counted = self.counted.take();
        if counted > 0 {
            self.counts.add_statements(counted);
        }
    }

    /// The statements that were run are run anew.
    pub(super) fn forget_count(&self) {
        self.counted.set(0);
    }

    /// A statement has run, which nobody looks at.
    #[cfg(not(feature = "testing"))]
    #[inline(always)]
    pub(super) const fn has_scanned(&self, _: &rusqlite::Statement<'_>, _: &str) {}

    /// Runs a statement that is not the user's: neither told nor counted.
    pub(super) fn control(&self, sql: &str) -> Result<(), SqliteError> {
        undisturbed(|| self.sqlite.prepare_cached(sql).and_then(|mut statement| statement.execute([])))
            .map(drop)
            .map_err(report)
    }
}

/// Ends work in place that belongs on a thread, where it runs anew.
pub(super) fn only_on_thread() -> Result<(), SqliteError> {
    if !is_in_place() {
        return Ok(());
    }
    needs_thread();
    Err(interrupted())
}

pub(super) fn interrupted() -> SqliteError {
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
                if list.len() > MANY_ARGUMENTS {
                    only_on_thread()?;
                }
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

pub(super) struct Borrowed<'a>(pub(super) &'a Value);

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

pub(super) struct Bound<'a>(pub(super) Encoded<'a>);

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
    let report = words_of(error);
    has_reported(report.code);
    report
}

fn words_of(error: rusqlite::Error) -> SqliteError {
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
