//! Snapshots that are kept from one read to the next.
//!
//! Before it reads in WAL mode, SQLite locks a snapshot of the database, and unlocks it afterwards: of the time of a row
//! by its key, these system calls are three quarters. A reader that is asked again at once therefore leaves its
//! transaction open. The next read uses it if the header of the wal-index is what it was before the snapshot was taken:
//! every commit changes the header, so nothing was committed since, and a read never misses what was committed before
//! it began.
//!
//! As long as a snapshot is locked, the log cannot begin anew. So none is kept once the log has grown, and those that
//! nobody uses are ended after a few milliseconds.

use std::time::{Duration, Instant};

use super::Connection;
use super::connection::report;
use super::handle::{WalIndex, wal_index};
use crate::error::SqliteError;

/// How long after a read another one counts as coming at once.
const AT_ONCE: Duration = Duration::from_millis(1);

/// The length of the log, in frames, at which SQLite begins to move it into the database file.
const LONG: u32 = 1_000;

/// What a connection knows of the database since its last read.
#[derive(Debug, Default)]
pub(super) struct Snapshot {
    /// Whether the database has a wal-index.
    has_wal: bool,
    /// What the wal-index said before the last read, and when that began.
    last: Option<(Revision, Instant)>,
    /// Of what the transaction that was left open is a snapshot.
    kept: Option<Revision>,
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
        // SQLite reads the schema before it answers, and opens the wal-index for that.
        self.snapshot.has_wal = self.ask::<String>("PRAGMA journal_mode").is_ok_and(|mode| mode == "wal");
    }

    /// The state of the database; `None` when it cannot be told now.
    pub(crate) fn revision(&mut self) -> Option<Revision> {
        match self.snapshot.has_wal {
            true => self.wal_index().map(|index| Revision::Header(index.header)),
            false => self.ask("PRAGMA data_version").ok().map(Revision::DataVersion),
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
        if !self.snapshot.has_wal {
            return Ok(());
        }
        let index = self.wal_index();
        let revision = index.map(|index| Revision::Header(index.header));
        let last = std::mem::replace(&mut self.snapshot.last, revision.map(|revision| (revision, begun)));
        if self.keeps_snapshot() && self.snapshot.kept == revision {
            return Ok(());
        }
        self.end_snapshot()?;
        let again = last.is_some_and(|(before, at)| Some(before) == revision && begun.duration_since(at) < AT_ONCE);
        if again && index.is_some_and(WalIndex::lets_the_log_begin_anew) {
            self.control("BEGIN")?;
            self.snapshot.kept = revision;
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

    fn wal_index(&self) -> Option<WalIndex> {
        wal_index(self.sqlite())
    }

    /// Runs a statement that is not the user's: neither told nor counted.
    fn control(&self, sql: &str) -> Result<(), SqliteError> {
        self.sqlite().prepare_cached(sql).and_then(|mut statement| statement.execute([])).map(drop).map_err(report)
    }
}

impl WalIndex {
    /// Whether the log is short, or all of it is in the database file: then a new snapshot does not need it.
    fn lets_the_log_begin_anew(self) -> bool {
        const FRAMES: usize = 4;
        let frames = self.header[FRAMES];
        frames < LONG || self.backfilled == frames
    }
}
