//! How the cache learns that something was committed.
//!
//! A connection that only watches is asked for the state of the database: by the header of the wal-index, and where there
//! is none by [`PRAGMA data_version`](https://www.sqlite.org/pragma.html#pragma_data_version), which begins and ends a
//! read and so takes two system calls. Nothing else looks at the wal-index.

use super::Connection;
use super::handle::wal_index;

/// How a connection is told that something was committed.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Commits {
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
        self.commits = match mode {
            _ if self.sqlite().db_name(FIRST_ATTACHED).is_ok() => Commits::Untold,
            Ok(mode) if mode == "wal" => Commits::WalIndex,
            Ok(_) | Err(_) => Commits::DataVersion,
        };
    }

    /// The state of the database; `None` when it cannot be told, or not now.
    pub(crate) fn revision(&self) -> Option<Revision> {
        match self.commits {
            Commits::WalIndex => wal_index(self.sqlite()).map(Revision::Header),
            Commits::DataVersion => self.ask("PRAGMA data_version").ok().map(Revision::DataVersion),
            Commits::Untold => None,
        }
    }
}
