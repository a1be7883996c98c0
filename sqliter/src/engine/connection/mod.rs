//! The synchronous core: one connection, whose statements run where they are called.

mod arguments;
mod clustered;
mod in_place;
mod report;
mod statements;
mod transactions;

use std::cell::Cell;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::limits::Limit;
use sqlx::Connection as _;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};

use super::enforcement::Changed;
use super::limits::{STEPS_BETWEEN_CHECKS, may_go_on, may_try_again, must_stop, ticking};
use super::log::Log;
use super::revision::Commits;
use super::setup::{SetUp, is_busy};
use super::tables::Tables;
use super::{Counts, handle};
use crate::error::SqliteError;

pub(super) use arguments::{Borrowed, Bound, bind_all};
pub(super) use clustered::{Clustered, Failed};
pub(super) use in_place::only_on_thread;
pub(super) use report::{interrupted, refuse_nul, report};

/// How many prepared statements a connection keeps.
const CACHED_STATEMENTS: usize = 256;

/// From how many changed rows on a transaction is not ended in place.
const MUCH: u64 = 500;

/// A connection that sqlx has opened and configured, used in place.
///
/// The fields are dropped in their order: the wrapper with its prepared statements goes before its owner.
pub struct Connection {
    /// Where what is written goes to a cluster.
    clustered: Option<Clustered>,
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
    /// Whether a commit waits for no disk, and for no other machine.
    commits_at_once: bool,
    /// At how many pages the log is moved into the database file; 0 for never.
    checkpoint_at: i32,
    pub(super) tables: Tables,
    /// The settings that are others now, in the order of their changes.
    pub(super) changed: Vec<Changed>,
    /// Whether the database is in memory.
    in_memory: bool,
    /// Whether nothing is written, by the wish of the program.
    reads_only: bool,
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
            clustered: set_up.wishes.replicator.clone().map(Clustered::new),
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
            in_memory: set_up.location.is_memory(),
            reads_only: set_up.reads_only(),
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
        let waits_for_no_disk = mode == "memory" || (mode == "wal" && synchronous <= NORMAL);
        self.commits_at_once = waits_for_no_disk && !self.is_clustered();
        self.checkpoint_at = i32::try_from(checkpoint_at).unwrap_or(0);
        handle::watch_log(&self.sqlite);
        self.longest = self.sqlite.limit(Limit::SQLITE_LIMIT_LENGTH)?;
        self.set_limit();
        Ok(())
    }

    /// Whether what few rows write is committed without waiting for the disk or for other machines.
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

    /// Whether the open transaction has changed so many rows that ending it takes its time.
    pub(super) fn has_changed_much(&self) -> bool {
        !self.is_autocommit() && self.total_changes() - self.changes_before > MUCH
    }

    /// Closes the connection. SQLite refreshes its statistics before, where that is due and nobody else is writing.
    pub(crate) async fn close(self) -> Result<(), sqlx::Error> {
        self.lift_limit();
        let Self { clustered, sqlite, mut owner, busy_timeout, reads_only, .. } = self;
        drop(clustered);
        // What sqlx does from here on runs on a thread of its own.
        sqlite.busy_timeout(busy_timeout).map_err(|error| sqlx::Error::Configuration(Box::new(error)))?;
        drop(sqlite);
        if reads_only {
            return owner.close().await;
        }
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

    /// Runs work on a thread of the engine; `tell` gets how many steps SQLite has made since it was told before, some twenty
    /// times a second.
    pub(crate) fn ticking<T>(&mut self, tell: Option<Box<dyn FnMut(u64)>>, work: impl FnOnce(&mut Self) -> T) -> T {
        ticking(tell, || work(self))
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
}
