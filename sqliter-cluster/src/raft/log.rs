//! The log of a machine, in an SQLite file of its own. What is acknowledged is on disk: every write is one transaction, which
//! SQLite syncs.

use std::fmt::Debug;
use std::ops::{Bound, RangeBounds};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use openraft::storage::{LogFlushed, LogState, RaftLogReader, RaftLogStorage};
use openraft::{CommittedLeaderId, EntryPayload, RaftLogId, StorageIOError};
use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::types::{Entry, LogId, Proposal, SnapshotMeta, StorageError, StoredMembership, Types, Vote};
use crate::replicator;

/// A proposal has a token, a list of members has none, and an entry that says nothing has neither.
const TABLES: &str = "
CREATE TABLE IF NOT EXISTS entries (number INTEGER PRIMARY KEY, term INTEGER NOT NULL, leader INTEGER NOT NULL, token BLOB, bytes BLOB)
    STRICT;
CREATE INDEX IF NOT EXISTS entries_token ON entries (token) WHERE token IS NOT NULL;
CREATE INDEX IF NOT EXISTS entries_members ON entries (number) WHERE token IS NULL AND bytes IS NOT NULL;
CREATE TABLE IF NOT EXISTS facts (name TEXT NOT NULL PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
";

/// So many bytes of entries are read at once, or one entry.
const SOME_BYTES: usize = 1024 * 1024;
const SOME_ENTRIES: usize = 300;

/// What is remembered beside the entries.
#[derive(Debug, Clone, Copy)]
enum Fact {
    Vote,
    Committed,
    Purged,
    Snapshot,
}

impl Fact {
    fn name(self) -> &'static str {
        match self {
            Self::Vote => "vote",
            Self::Committed => "committed",
            Self::Purged => "purged",
            Self::Snapshot => "snapshot",
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Log {
    writer: Arc<Mutex<Connection>>,
    /// Reading does not wait until a write is on disk.
    reader: Arc<Mutex<Connection>>,
    /// Written with the next entries. It only says what need not be asked of the leader after a start.
    committed: Arc<Mutex<Option<LogId>>>,
}

impl Log {
    pub(super) fn open(file: &Path) -> rusqlite::Result<Self> {
        let open = || -> rusqlite::Result<_> {
            let connection = Connection::open(file)?;
            connection.pragma_update(None, "journal_mode", "wal")?;
            connection.pragma_update(None, "synchronous", "full")?;
            connection.busy_timeout(std::time::Duration::from_secs(5))?;
            Ok(connection)
        };
        let writer = open()?;
        writer.execute_batch(TABLES)?;
        Ok(Self {
            writer: Arc::new(Mutex::new(writer)),
            reader: Arc::new(Mutex::new(open()?)),
            committed: Arc::default(),
        })
    }

    /// The committed entries behind a number and up to another, as they are handed on, without a gap: one whose token an earlier one has
    /// already says nothing, as does whatever openraft adds for itself.
    pub(super) async fn handed_on(&self, after: u64, upto: u64) -> Result<Vec<replicator::Entry>, StorageError> {
        const SOME: &str = "SELECT number, token, bytes, EXISTS (SELECT 1 FROM entries AS earlier \
            WHERE earlier.token = entries.token AND earlier.number < entries.number) \
            FROM entries WHERE number > ? AND number <= ? ORDER BY number";
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(SOME)?;
            let mut rows = statement.query(params![signed(after)?, signed(upto)?])?;
            let (mut entries, mut size) = (Vec::new(), 0);
            while let Some(row) = rows.next()? {
                let number = row.get(0)?;
                if entries.is_empty() && number != signed(after + 1)? {
                    let reason = format!("entry {} is missing in the log", after + 1);
                    return Err(rusqlite::Error::FromSqlConversionFailure(0, Type::Integer, reason.into()));
                }
                let token: Option<[u8; 16]> = row.get(1)?;
                let entry = match (token, row.get(3)?) {
                    (Some(token), false) => replicator::Entry { number, token, bytes: row.get(2)? },
                    _ => replicator::Entry::nothing(number),
                };
                size += entry.bytes.len();
                entries.push(entry);
                if size >= SOME_BYTES || entries.len() >= SOME_ENTRIES {
                    break;
                }
            }
            Ok(entries)
        })
        .await
    }

    /// The copy of the database that stands for the beginning of the log.
    pub(super) async fn snapshot(&self) -> Result<Option<SnapshotMeta>, StorageError> {
        self.read(|connection| fact(connection, Fact::Snapshot)).await
    }

    pub(super) async fn set_snapshot(&self, meta: SnapshotMeta) -> Result<(), StorageError> {
        self.write(move |tx| set(tx, Fact::Snapshot, &meta)).await
    }

    pub(super) async fn purged(&self) -> Result<Option<LogId>, StorageError> {
        self.read(|connection| fact(connection, Fact::Purged)).await
    }

    /// Which machines there were at an entry, and the entry's place.
    pub(super) async fn at(&self, number: u64) -> Result<Option<(LogId, StoredMembership)>, StorageError> {
        const ENTRY: &str = "SELECT number, term, leader FROM entries WHERE number = ?";
        const MEMBERS: &str = "SELECT number, term, leader, bytes FROM entries \
            WHERE token IS NULL AND bytes IS NOT NULL AND number <= ? ORDER BY number DESC LIMIT 1";
        self.read(move |connection| {
            let id = connection.query_row(ENTRY, [signed(number)?], log_id).optional()?;
            let members = connection
                .query_row(MEMBERS, [signed(number)?], |row| Ok((log_id(row)?, decoded(&row.get::<_, Vec<u8>>(3)?)?)))
                .optional()?;
            let members = match members {
                Some((at, members)) => StoredMembership::new(Some(at), members),
                None => fact::<SnapshotMeta>(connection, Fact::Snapshot)?.unwrap_or_default().last_membership,
            };
            Ok(id.map(|id| (id, members)))
        })
        .await
    }

    async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StorageError> {
        let reader = Arc::clone(&self.reader);
        let read = tokio::task::spawn_blocking(move || work(&reader.lock().unwrap_or_else(PoisonError::into_inner)));
        match read.await {
            Ok(read) => read.map_err(|error| StorageIOError::read_logs(&error).into()),
            Err(error) => Err(StorageIOError::read_logs(&error).into()),
        }
    }

    /// Does the work in a transaction that is on disk when this returns.
    async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StorageError> {
        let writer = Arc::clone(&self.writer);
        let write = tokio::task::spawn_blocking(move || -> rusqlite::Result<T> {
            let mut writer = writer.lock().unwrap_or_else(PoisonError::into_inner);
            let tx = writer.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let done = work(&tx)?;
            tx.commit()?;
            Ok(done)
        });
        match write.await {
            Ok(written) => written.map_err(|error| StorageIOError::write_logs(&error).into()),
            Err(error) => Err(StorageIOError::write_logs(&error).into()),
        }
    }

    async fn entries(&self, start: u64, end: u64, size: usize) -> Result<Vec<Entry>, StorageError> {
        const RANGE: &str = "SELECT number, term, leader, token, bytes FROM entries WHERE number >= ? AND number < ? \
            ORDER BY number";
        self.read(move |connection| {
            let mut statement = connection.prepare_cached(RANGE)?;
            let mut rows = statement.query(params![signed(start)?, signed(end.min(i64::MAX as u64))?])?;
            let (mut entries, mut bytes_read) = (Vec::new(), 0);
            while let Some(row) = rows.next()? {
                let bytes: Option<Vec<u8>> = row.get(4)?;
                bytes_read += bytes.as_ref().map_or(0, Vec::len);
                if bytes_read > size && !entries.is_empty() {
                    break;
                }
                let payload = match (row.get(3)?, bytes) {
                    (None, None) => EntryPayload::Blank,
                    (None, Some(bytes)) => EntryPayload::Membership(decoded(&bytes)?),
                    (Some(token), bytes) => EntryPayload::Normal(Proposal { token, bytes: bytes.unwrap_or_default() }),
                };
                entries.push(Entry { log_id: log_id(row)?, payload });
            }
            Ok(entries)
        })
        .await
    }
}

impl RaftLogReader<Types> for Log {
    async fn try_get_log_entries<RB: RangeBounds<u64> + Clone + Debug + Send>(
        &mut self,
        range: RB,
    ) -> Result<Vec<Entry>, StorageError> {
        let start = match range.start_bound() {
            Bound::Included(start) => *start,
            Bound::Excluded(before) => before + 1,
            Bound::Unbounded => 0,
        };
        let end = match range.end_bound() {
            Bound::Included(last) => last + 1,
            Bound::Excluded(end) => *end,
            Bound::Unbounded => u64::MAX,
        };
        self.entries(start, end, usize::MAX).await
    }

    async fn limited_get_log_entries(&mut self, start: u64, end: u64) -> Result<Vec<Entry>, StorageError> {
        self.entries(start, end, SOME_BYTES).await
    }
}

impl RaftLogStorage<Types> for Log {
    type LogReader = Self;

    async fn get_log_state(&mut self) -> Result<LogState<Types>, StorageError> {
        const LAST: &str = "SELECT number, term, leader FROM entries ORDER BY number DESC LIMIT 1";
        self.read(|connection| {
            let last_purged_log_id = fact(connection, Fact::Purged)?;
            let last = connection.query_row(LAST, [], log_id).optional()?;
            Ok(LogState { last_purged_log_id, last_log_id: last.or(last_purged_log_id) })
        })
        .await
    }

    async fn get_log_reader(&mut self) -> Self {
        self.clone()
    }

    async fn save_vote(&mut self, vote: &Vote) -> Result<(), StorageError> {
        let vote = *vote;
        self.write(move |tx| set(tx, Fact::Vote, &vote)).await
    }

    async fn read_vote(&mut self) -> Result<Option<Vote>, StorageError> {
        self.read(|connection| fact(connection, Fact::Vote)).await
    }

    async fn save_committed(&mut self, committed: Option<LogId>) -> Result<(), StorageError> {
        *self.committed.lock().unwrap_or_else(PoisonError::into_inner) = committed;
        Ok(())
    }

    async fn read_committed(&mut self) -> Result<Option<LogId>, StorageError> {
        self.read(|connection| fact(connection, Fact::Committed)).await
    }

    async fn append<I>(&mut self, entries: I, callback: LogFlushed<Types>) -> Result<(), StorageError>
    where
        I: IntoIterator<Item = Entry> + Send,
        I::IntoIter: Send,
    {
        const ADD: &str = "INSERT INTO entries (number, term, leader, token, bytes) VALUES (?, ?, ?, ?, ?)";
        let entries: Vec<Entry> = entries.into_iter().collect();
        let committed = self.committed.lock().unwrap_or_else(PoisonError::into_inner).take();
        let written = self
            .write(move |tx| {
                let mut add = tx.prepare_cached(ADD)?;
                for entry in entries {
                    let LogId { leader_id: leader, index } = *entry.get_log_id();
                    let (token, bytes) = match entry.payload {
                        EntryPayload::Blank => (None, None),
                        EntryPayload::Normal(Proposal { token, bytes }) => (Some(token), Some(bytes)),
                        EntryPayload::Membership(members) => (None, Some(encoded(&members)?)),
                    };
                    add.execute(params![signed(index)?, signed(leader.term)?, signed(leader.node_id)?, token, bytes])?;
                }
                match committed {
                    Some(committed) => set(tx, Fact::Committed, &committed),
                    None => Ok(()),
                }
            })
            .await;
        match written {
            Ok(()) => {
                callback.log_io_completed(Ok(()));
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    async fn truncate(&mut self, from: LogId) -> Result<(), StorageError> {
        self.write(move |tx| {
            tx.execute("DELETE FROM entries WHERE number >= ?", [signed(from.index)?])?;
            Ok(())
        })
        .await
    }

    async fn purge(&mut self, upto: LogId) -> Result<(), StorageError> {
        self.write(move |tx| {
            tx.execute("DELETE FROM entries WHERE number <= ?", [signed(upto.index)?])?;
            set(tx, Fact::Purged, &upto)
        })
        .await
    }
}

fn log_id(row: &Row<'_>) -> rusqlite::Result<LogId> {
    let [number, term, leader] = [row.get(0)?, row.get(1)?, row.get(2)?].map(i64::cast_unsigned);
    Ok(LogId::new(CommittedLeaderId::new(term, leader), number))
}

fn fact<T: DeserializeOwned>(connection: &Connection, fact: Fact) -> rusqlite::Result<Option<T>> {
    let mut value = connection.prepare_cached("SELECT value FROM facts WHERE name = ?")?;
    let bytes: Option<Vec<u8>> = value.query_row([fact.name()], |row| row.get(0)).optional()?;
    bytes.map(|bytes| decoded(&bytes)).transpose()
}

fn set<T: Serialize>(tx: &Transaction<'_>, fact: Fact, value: &T) -> rusqlite::Result<()> {
    let mut put = tx.prepare_cached("INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)")?;
    put.execute(params![fact.name(), encoded(value)?]).map(drop)
}

fn signed(number: u64) -> rusqlite::Result<i64> {
    i64::try_from(number).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}

fn encoded<T: Serialize>(value: &T) -> rusqlite::Result<Vec<u8>> {
    postcard::to_stdvec(value).map_err(|error| rusqlite::Error::ToSqlConversionFailure(error.into()))
}

fn decoded<T: DeserializeOwned>(bytes: &[u8]) -> rusqlite::Result<T> {
    postcard::from_bytes(bytes).map_err(|error| rusqlite::Error::FromSqlConversionFailure(0, Type::Blob, error.into()))
}
