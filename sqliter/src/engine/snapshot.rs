//! Snapshots that are kept from one read to the next.
//!
//! Before it reads in WAL mode, SQLite locks a snapshot of the database, and unlocks it afterwards: of the time of a row
//! by its key, these system calls are three quarters. A reader that is asked again at once therefore leaves its
//! transaction open. The next read uses it if the header of the wal-index is what it was before the snapshot was taken:
//! every commit changes the header, so nothing was committed since, and a read never misses what was committed before
//! it began.
//!
//! A locked snapshot of the log is in the way of a checkpoint that waits, and keeps the log from beginning anew. So those
//! that nobody uses are ended after some milliseconds. Where all of the log is in the database file, a snapshot does not
//! need the log, and is in nobody's way until the next commit, which ends it. Else it is kept as long as the log is
//! short, and half of the time only: a checkpoint that waits tries again and again, and gets its turn.

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use rusqlite::{MAIN_DB, TransactionState};

use super::Connection;
use super::connection::report;
use super::handle::{WalIndex, wal_index};
use crate::error::SqliteError;

/// How long after the beginning of a read another one counts as coming at once.
const AT_ONCE: Duration = Duration::from_millis(1);

/// The rhythm in which snapshots of the log are kept, in milliseconds: the first of them, out of all. The numbers have no
/// factor in common with the pauses between attempts to get a lock.
const KEEPING: u128 = 7;
const RHYTHM: u128 = 13;

/// The length of the log, in frames, at which SQLite begins to move it into the database file unless it is told
/// otherwise.
const LONG: u32 = 1_000;

/// What a connection knows of the database since its last read.
#[derive(Debug, Default)]
pub(super) struct Snapshot {
    commits: Commits,
    /// What the wal-index said before the last read, and when that began.
    last: Option<(WalIndex, Instant)>,
    /// What it said before the snapshot was taken whose transaction was left open.
    kept: Option<WalIndex>,
}

/// How a connection is told that something was committed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Commits {
    /// By the header of the wal-index.
    WalIndex,
    /// By SQLite's number of the state of the data.
    #[default]
    DataVersion,
    /// Not at all: both are about the main database alone, and another one is attached.
    Untold,
}

/// A state of the database: equal ones have no commit between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Revision {
    Header([u32; 12]),
    /// SQLite's own number, which says nothing beside that of another connection.
    DataVersion(i64),
}

impl Connection {
    /// Finds out how the database tells of commits.
    pub(super) fn find_wal(&mut self) {
        // After `main` and `temp`.
        const FIRST_ATTACHED: usize = 2;
        // The first one reads the file, which opens the wal-index; the second one only tells.
        let mode = self.ask::<i64>("PRAGMA schema_version").and_then(|_| self.ask::<String>("PRAGMA journal_mode"));
        self.snapshot.commits = match mode {
            _ if self.sqlite().db_name(FIRST_ATTACHED).is_ok() => Commits::Untold,
            Ok(mode) if mode == "wal" => Commits::WalIndex,
            Ok(_) | Err(_) => Commits::DataVersion,
        };
    }

    /// The state of the database; `None` when it cannot be told, or not now.
    pub(crate) fn revision(&mut self) -> Option<Revision> {
        match self.snapshot.commits {
            Commits::WalIndex => self.wal_index().map(|index| Revision::Header(index.header)),
            Commits::DataVersion => self.ask("PRAGMA data_version").ok().map(Revision::DataVersion),
            Commits::Untold => None,
        }
    }

    /// Runs a job that reads, on the snapshot of the last one if nothing was committed since.
    pub(super) fn run_reading<T>(
        &mut self,
        begun: Instant,
        job: impl FnOnce(&mut Self) -> T,
    ) -> Result<T, SqliteError> {
        self.renew_snapshot(begun)?;
        Ok(self.run_job(job))
    }

    fn renew_snapshot(&mut self, begun: Instant) -> Result<(), SqliteError> {
        if self.snapshot.commits != Commits::WalIndex {
            return Ok(());
        }
        let index = self.wal_index();
        let last = std::mem::replace(&mut self.snapshot.last, index.map(|index| (index, begun)));
        let may_be_kept =
            index.is_some_and(|index| index.is_backfilled() || index.is_short() && is_time_to_keep(begun));
        if may_be_kept && self.snapshot.kept == index && self.keeps_snapshot() {
            return Ok(());
        }
        self.end_snapshot()?;
        let again = last.is_some_and(|(before, at)| Some(before) == index && begun.duration_since(at) < AT_ONCE);
        if again && may_be_kept {
            self.control("BEGIN")?;
            self.snapshot.kept = index;
        }
        Ok(())
    }

    /// Whether a snapshot is kept.
    pub(super) fn keeps_snapshot(&self) -> bool {
        // SQLite itself ends a transaction after the gravest errors.
        self.snapshot.kept.is_some() && !self.sqlite().is_autocommit()
    }

    /// Keeps the snapshot no longer.
    pub(super) fn end_snapshot(&mut self) -> Result<(), SqliteError> {
        let keeps = self.keeps_snapshot();
        self.snapshot.kept = None;
        if keeps { self.control("COMMIT") } else { Ok(()) }
    }

    /// Commits what a statement of the user has written in the transaction of a snapshot: some that only read, to
    /// SQLite's mind, write all the same.
    pub(super) fn commit_in_snapshot(&mut self) -> Result<(), SqliteError> {
        let wrote = self.keeps_snapshot()
            && self.sqlite().transaction_state(Some(MAIN_DB)).map_err(report)? == TransactionState::Write;
        if wrote { self.end_snapshot() } else { Ok(()) }
    }

    fn wal_index(&self) -> Option<WalIndex> {
        wal_index(self.sqlite())
    }

    /// Runs a statement that is not the user's: neither told nor counted.
    pub(super) fn control(&self, sql: &str) -> Result<(), SqliteError> {
        self.sqlite().prepare_cached(sql).and_then(|mut statement| statement.execute([])).map(drop).map_err(report)
    }
}

impl WalIndex {
    /// How many frames the log has.
    const fn frames(self) -> u32 {
        const FRAMES: usize = 4;
        self.header[FRAMES]
    }

    /// Whether all of the log is in the database file: then a new snapshot does not need the log.
    const fn is_backfilled(self) -> bool {
        self.backfilled == self.frames()
    }

    const fn is_short(self) -> bool {
        self.frames() < LONG
    }
}

/// The same for all readers, so that there are times when none of them keeps a snapshot.
fn is_time_to_keep(now: Instant) -> bool {
    static START: LazyLock<Instant> = LazyLock::new(Instant::now);
    now.duration_since(*START).as_millis() % RHYTHM < KEEPING
}
