//! A database of a cluster, with transactions that run again.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sqliter::bounds::Models;
use sqliter::{Db, Tx};

use crate::error::{Error, Result};
use crate::machine::Machine;
use crate::replicator::Replicator;

/// For how long a transaction is tried, while others come first.
const WITHIN: Duration = Duration::from_secs(30);

/// A database file of this program's own, which every machine keeps the same, with the [`Machine`] that does.
#[derive(Debug)]
pub struct Replica<R: Replicator> {
    db: Db,
    machine: Arc<Machine<R>>,
}

impl<R: Replicator + std::fmt::Debug> Replica<R> {
    /// Opens the file, or creates it, and follows the order of entries.
    ///
    /// # Errors
    ///
    /// [`Error::Sqliter`] when it cannot be opened.
    pub async fn open(file: impl Into<PathBuf>, order: Arc<R>) -> Result<Self> {
        let machine = Arc::new(Machine::new(order));
        let db = Db::options().path(file.into()).cluster(Arc::<Machine<R>>::clone(&machine)).open().await?;
        Ok(Self { db, machine })
    }
}

impl<R: Replicator> Replica<R> {
    /// The database.
    pub const fn db(&self) -> &Db {
        &self.db
    }

    /// What keeps the file the same as those of the other machines.
    pub const fn machine(&self) -> &Arc<Machine<R>> {
        &self.machine
    }

    /// Runs the closure in a transaction, and again while others come first; what it gives the last time counts, so nothing else may
    /// come of it. It sees the database at one moment, and nothing was written after that moment when its changes are.
    ///
    /// # Errors
    ///
    /// What the closure gives, in [`Error::Sqliter`]; [`Error::Conflict`] when others came first for too long.
    pub async fn transaction<T>(&self, work: impl AsyncFn(&Tx) -> sqliter::Result<T>) -> Result<T> {
        let until = Instant::now() + WITHIN;
        let mut tries = 0_u64;
        while Instant::now() < until {
            tries += 1;
            match self.db.transaction(&work).await {
                Err(sqliter::Error::Conflict) => {}
                Err(sqliter::Error::NotReplicated { reason }) => return Err(Error::Refused { reason }),
                Err(sqliter::Error::CommitUnknown { reason }) => {
                    return Err(Error::Unknown { within: WITHIN, reason });
                }
                ended => return Ok(ended?),
            }
        }
        Err(Error::Conflict { tries, within: WITHIN })
    }

    /// Creates the tables of models on every machine.
    ///
    /// # Errors
    ///
    /// [`Error::Sqliter`] when one is there.
    pub async fn create_tables<M: Models>(&self) -> Result<()> {
        Ok(self.db.create_tables::<M>().await?)
    }

    /// Waits until this machine has all that any program was told to be written before this was called.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`] without a leader, [`Error::Stopped`].
    pub async fn barrier(&self) -> Result<()> {
        self.machine.barrier().await
    }
}
