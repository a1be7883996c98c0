//! The database, as openraft sees it: entries are handed on in their order, and copies stand for those that are gone.

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use openraft::storage::{RaftSnapshotBuilder, RaftStateMachine};
use openraft::{AnyError, RaftLogId, StorageIOError};
use tokio::sync::{Mutex, watch};
use tokio::task::spawn_blocking;
use tokio::time::sleep;

use super::copies;
use super::log::Log;
use super::types::{Copy, Entry, LogId, Snapshot, SnapshotMeta, StorageError, StoredMembership, Types};

/// How often the database is looked at that must come to an entry first.
const PAUSE: Duration = Duration::from_millis(20);

#[derive(Debug, Clone)]
pub(super) struct Database {
    pub folder: PathBuf,
    pub file: PathBuf,
    pub log: Log,
    /// The number of the last entry that is known to be committed.
    pub committed: Arc<watch::Sender<u64>>,
    /// The number of the last entry that was handed on. Whoever holds it keeps further entries from being handed on.
    pub handed: Arc<Mutex<u64>>,
    /// One copy is made or installed at a time.
    pub copying: Arc<Mutex<()>>,
    /// The number up to which a copy was installed since the start.
    pub installed: Arc<AtomicU64>,
    /// Numbers the copies that are received.
    pub received: Arc<AtomicU64>,
    /// Nobody waits any more.
    pub is_closed: Arc<AtomicBool>,
}

impl Database {
    pub(super) fn new(folder: PathBuf, file: PathBuf, log: Log) -> Self {
        Self {
            folder,
            file,
            log,
            committed: Arc::new(watch::Sender::new(0)),
            handed: Arc::default(),
            copying: Arc::default(),
            installed: Arc::default(),
            received: Arc::default(),
            is_closed: Arc::default(),
        }
    }

    /// Before anything is done: makes the database at least as new as the beginning of the log. It may be older when the machine lost
    /// its power, or when somebody has removed it.
    pub(super) async fn recover(&self) -> Result<(), StorageError> {
        let folder = self.folder.clone();
        blocking(move || Ok(copies::remove_parts(&folder)?)).await?;
        let meta = self.log.snapshot().await?;
        self.remove_others(meta.as_ref().map(number)).await?;
        let Some(number) = meta.as_ref().map(number) else { return Ok(()) };
        let purged = self.log.purged().await?;
        let database = self.clone();
        blocking(move || {
            if copies::applied(&database.file)? < purged.map_or(0, |purged| purged.index) {
                copies::copy_in(&copies::copy_of(&database.folder, number), &database.file)?;
            }
            Ok(())
        })
        .await
    }

    async fn remove_others(&self, kept: Option<u64>) -> Result<(), StorageError> {
        let folder = self.folder.clone();
        blocking(move || Ok(copies::remove_others(&folder, kept)?)).await
    }

    async fn applied(&self) -> Result<u64, StorageError> {
        let file = self.file.clone();
        blocking(move || Ok(copies::applied(&file)?)).await
    }

    /// Returns when the database has the entry with a number.
    async fn until_applied(&self, number: u64) -> Result<(), StorageError> {
        while self.applied().await? < number {
            if self.is_closed.load(Ordering::Relaxed) {
                return Err(StorageIOError::read_state_machine(AnyError::error("the machine is closed")).into());
            }
            sleep(PAUSE).await;
        }
        Ok(())
    }

    async fn current(&self, meta: SnapshotMeta) -> Result<Snapshot, StorageError> {
        let path = copies::copy_of(&self.folder, number(&meta));
        let snapshot = blocking(move || Ok(Copy { file: File::open(&path)?, path })).await?;
        Ok(Snapshot { meta, snapshot: Box::new(snapshot) })
    }
}

impl RaftStateMachine<Types> for Database {
    type SnapshotBuilder = Self;

    async fn applied_state(&mut self) -> Result<(Option<LogId>, StoredMembership), StorageError> {
        let meta = self.log.snapshot().await?.unwrap_or_default();
        Ok((meta.last_log_id, meta.last_membership))
    }

    async fn apply<I>(&mut self, entries: I) -> Result<Vec<()>, StorageError>
    where
        I: IntoIterator<Item = Entry> + Send,
        I::IntoIter: Send,
    {
        let numbers: Vec<u64> = entries.into_iter().map(|entry| entry.get_log_id().index).collect();
        if let Some(last) = numbers.last() {
            self.committed.send_replace(*last);
        }
        Ok(vec![(); numbers.len()])
    }

    async fn get_snapshot_builder(&mut self) -> Self {
        self.clone()
    }

    async fn begin_receiving_snapshot(&mut self) -> Result<Box<Copy>, StorageError> {
        let path = self.folder.join(format!("{}.part", self.received.fetch_add(1, Ordering::Relaxed)));
        let copy = blocking(move || Ok(Copy { file: File::create(&path)?, path })).await?;
        Ok(Box::new(copy))
    }

    async fn install_snapshot(&mut self, meta: &SnapshotMeta, snapshot: Box<Copy>) -> Result<(), StorageError> {
        let number = number(meta);
        let copying = Arc::clone(&self.copying);
        let copying = copying.lock().await;
        // From here on, nothing is handed on; and what was, is done.
        let handed = Arc::clone(&self.handed);
        let handed = handed.lock().await;
        self.until_applied(*handed).await?;
        let database = self.clone();
        blocking(move || {
            let kept = copies::copy_of(&database.folder, number);
            if copies::applied_in_copy(&snapshot.path)? != number {
                return Err(
                    io::Error::new(io::ErrorKind::InvalidData, "it is not the copy that it is said to be").into()
                );
            }
            copies::keep(&snapshot.path, &kept)?;
            Ok(copies::copy_in(&kept, &database.file)?)
        })
        .await?;
        self.log.set_snapshot(meta.clone()).await?;
        self.remove_others(Some(number)).await?;
        self.installed.store(number, Ordering::Release);
        self.committed.send_if_modified(|committed| {
            let is_newer = *committed < number;
            *committed = number.max(*committed);
            is_newer
        });
        drop((handed, copying));
        Ok(())
    }

    async fn get_current_snapshot(&mut self) -> Result<Option<Snapshot>, StorageError> {
        match self.log.snapshot().await? {
            Some(meta) => self.current(meta).await.map(Some),
            None => Ok(None),
        }
    }
}

impl RaftSnapshotBuilder<Types> for Database {
    /// Waits until the database has what is committed now, and copies it.
    async fn build_snapshot(&mut self) -> Result<Snapshot, StorageError> {
        let copying = Arc::clone(&self.copying);
        let _copying = copying.lock().await;
        let committed = *self.committed.borrow();
        self.until_applied(committed).await?;
        let (database, part) = (self.clone(), self.folder.join("copy.part"));
        let copy = part.clone();
        let number = blocking(move || Ok(copies::copy_out(&database.file, &copy)?)).await?;
        // The entry is gone from the log where it is the last one of the copy that there is.
        if let Some((id, last_membership)) = self.log.at(number).await? {
            let kept = copies::copy_of(&self.folder, number);
            blocking(move || Ok(copies::keep(&part, &kept)?)).await?;
            let snapshot_id = number.to_string();
            self.log.set_snapshot(SnapshotMeta { last_log_id: Some(id), last_membership, snapshot_id }).await?;
            self.remove_others(Some(number)).await?;
        }
        match self.log.snapshot().await? {
            Some(meta) => self.current(meta).await,
            None => Err(StorageIOError::read_snapshot(None, AnyError::error("nothing is written yet")).into()),
        }
    }
}

fn number(meta: &SnapshotMeta) -> u64 {
    meta.last_log_id.map_or(0, |id| id.index)
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Box<dyn std::error::Error + Send + Sync>> + Send + 'static,
) -> Result<T, StorageError> {
    match spawn_blocking(work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(StorageIOError::write_state_machine(AnyError::error(error)).into()),
        Err(error) => Err(StorageIOError::write_state_machine(&error).into()),
    }
}
