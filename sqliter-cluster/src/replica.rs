//! A database whose transactions are replicated by what they have changed.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, TransactionBehavior};
use serde::{Deserialize, Serialize};
use sqliter::bounds::Models;
use sqliter::{Db, Tx};
use sqliter_cluster_wire::Token;
use tokio::sync::{Mutex as Turns, watch};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::changes::{Changes, ready};
use crate::error::{Error, Result};
use crate::recorder;
use crate::replicator::Replicator;

/// For how long a transaction is tried, while others come first or nobody leads.
const WITHIN: Duration = Duration::from_secs(30);
/// How often new entries are looked for that other machines have added.
const PAUSE: Duration = Duration::from_millis(2);

/// What the log holds.
#[derive(Debug, Serialize, Deserialize)]
struct Proposal {
    /// The version of the database that it was made for. On another one it does nothing.
    base: i64,
    change: Change,
}

#[derive(Debug, Serialize, Deserialize)]
enum Change {
    Rows(Changes),
    Schema(Vec<String>),
}

/// What became of a proposal; the same on every machine.
#[derive(Debug, Clone)]
enum Outcome {
    Done,
    /// Another one came first.
    Conflict,
    /// SQLite refuses it.
    Refused(String),
}

/// A database file of this program's own, which every machine keeps the same: a transaction runs here, is rolled back, and what it has
/// changed is brought into the order of all machines and done by each, unless another one has come first; then it runs again.
#[derive(Debug)]
pub struct Replica<R: Replicator> {
    replicator: Arc<R>,
    db: Db,
    /// One transaction at a time is on its way from here.
    turns: Turns<()>,
    shared: Arc<Shared>,
    applying: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    /// What has become of the proposals that are waited for.
    outcomes: Mutex<HashMap<Token, Option<Outcome>>>,
    /// The last entry that was applied here; or why no further one is.
    applied: watch::Sender<std::result::Result<i64, String>>,
}

impl Shared {
    fn outcomes(&self) -> MutexGuard<'_, HashMap<Token, Option<Outcome>>> {
        self.outcomes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<R: Replicator> Drop for Replica<R> {
    fn drop(&mut self) {
        self.applying.abort();
    }
}

impl<R: Replicator> Replica<R> {
    /// Opens the file, or creates it, and follows the order of entries.
    ///
    /// # Errors
    ///
    /// [`Error::Sqliter`] when it cannot be opened.
    pub async fn open(file: impl Into<PathBuf>, replicator: Arc<R>) -> Result<Self> {
        let file = file.into();
        recorder::give_to_every_connection()?;
        let db = Db::options().path(&file).open().await?;
        let file = Arc::new(Mutex::new(Applied::open(&file)?));
        let applied = of_file(&file).version()?.applied;
        let shared = Arc::new(Shared { outcomes: Mutex::default(), applied: watch::Sender::new(Ok(applied)) });
        let applying = tokio::spawn(apply(Arc::clone(&replicator), file, Arc::clone(&shared)));
        Ok(Self { replicator, db, turns: Turns::default(), shared, applying })
    }

    /// The database. What is written here by other ways than [`transaction`](Self::transaction) makes this machine another than the rest.
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// Runs the closure in a transaction and does on every machine what it has changed. It may run several times, when other machines
    /// write meanwhile, and what it gives the last time counts; so nothing else may come of it. It sees the database at one moment, and
    /// nothing was written after that moment when its changes are.
    ///
    /// # Errors
    ///
    /// What the closure gives; [`Error::Conflict`] when others came first for too long; [`Error::Unknown`] without a leader;
    /// [`Error::Refused`] when the changes cannot be made one after the other; [`Error::Stopped`].
    pub async fn transaction<T>(&self, work: impl AsyncFn(&Tx) -> sqliter::Result<T>) -> Result<T> {
        let until = Instant::now() + WITHIN;
        let _turn = self.turns.lock().await;
        let mut tries = 0_u64;
        while Instant::now() < until {
            tries += 1;
            let tx = self.db.begin().await?;
            tx.query::<i64>(recorder::BEGIN).fetch_required().await?;
            let base = tx.query::<i64>(VERSION).fetch_required().await?;
            let worked = work(&tx).await;
            let bytes = tx.query::<Vec<u8>>(recorder::CHANGES).fetch_required().await?;
            tx.rollback().await?;
            let (given, changes) = (worked?, postcard::from_bytes::<Changes>(&bytes).map_err(|_| Error::Answer)?);
            if changes.is_empty() {
                return Ok(given);
            }
            match self.propose(Proposal { base, change: Change::Rows(changes) }, until).await? {
                Outcome::Done => return Ok(given),
                Outcome::Conflict => {}
                Outcome::Refused(reason) => return Err(Error::Refused { reason }),
            }
        }
        Err(Error::Conflict { tries, within: WITHIN })
    }

    /// Creates the tables of models on every machine.
    ///
    /// # Errors
    ///
    /// As [`transaction`](Self::transaction); [`Error::Refused`] when one is there.
    pub async fn create_tables<M: Models>(&self) -> Result<()> {
        let until = Instant::now() + WITHIN;
        let _turn = self.turns.lock().await;
        let mut tries = 0_u64;
        while Instant::now() < until {
            tries += 1;
            let base = self.db.query::<i64>(VERSION).fetch_required().await?;
            let change = Change::Schema(self.db.create_tables::<M>().to_sql()?);
            match self.propose(Proposal { base, change }, until).await? {
                Outcome::Done => return Ok(()),
                Outcome::Conflict => {}
                Outcome::Refused(reason) => return Err(Error::Refused { reason }),
            }
        }
        Err(Error::Conflict { tries, within: WITHIN })
    }

    /// Waits until this machine has all that any program was told to be written before this was called.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`] without a leader, [`Error::Stopped`].
    pub async fn barrier(&self) -> Result<()> {
        let number = self.replicator.barrier().await?;
        self.until_applied(Instant::now() + WITHIN, |applied| applied >= number).await
    }

    async fn propose(&self, proposal: Proposal, until: Instant) -> Result<Outcome> {
        let bytes = postcard::to_stdvec(&proposal).map_err(|_| Error::Answer)?;
        let mut token = Token::default();
        getrandom::fill(&mut token)
            .map_err(|error| Error::Unknown { within: Duration::ZERO, reason: error.to_string() })?;
        self.shared.outcomes().insert(token, None);
        let proposed = self.replicator.propose(token, bytes).await;
        let known = match proposed {
            // It is in the order, and comes here.
            Ok(()) => {
                self.until_applied(until, |_| self.shared.outcomes().get(&token).is_some_and(Option::is_some)).await
            }
            Err(error) => Err(error),
        };
        let outcome = self.shared.outcomes().remove(&token).flatten();
        match outcome {
            Some(outcome) => Ok(outcome),
            None => {
                known?;
                Err(Error::Unknown { within: WITHIN, reason: "this machine has not come to it".to_owned() })
            }
        }
    }

    async fn until_applied(&self, until: Instant, is_enough: impl Fn(i64) -> bool) -> Result<()> {
        let mut applied = self.shared.applied.subscribe();
        loop {
            match &*applied.borrow_and_update() {
                Ok(applied) if is_enough(*applied) => return Ok(()),
                Ok(_) => {}
                Err(reason) => return Err(Error::Stopped { reason: reason.clone() }),
            }
            let left = until.saturating_duration_since(Instant::now());
            match timeout(left, applied.changed()).await {
                Ok(Ok(())) => {}
                _ => return Err(Error::Unknown { within: WITHIN, reason: "this machine is behind".to_owned() }),
            }
        }
    }
}

/// Counts the proposals that were done.
const VERSION: &str = "SELECT version FROM cluster_version";

/// The file, where entries are applied.
#[derive(Debug)]
struct Applied(Connection);

struct Version {
    applied: i64,
    version: i64,
}

fn of_file(file: &Mutex<Applied>) -> MutexGuard<'_, Applied> {
    file.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Applied {
    fn open(file: &Path) -> rusqlite::Result<Self> {
        let connection = Connection::open(file)?;
        connection.busy_timeout(WITHIN)?;
        connection.pragma_update(None, "synchronous", "normal")?;
        // Whatever is not there after a crash is applied again. The table has no key, so that SQLite's session leaves it out.
        connection.execute_batch(
            "BEGIN IMMEDIATE; \
            CREATE TABLE IF NOT EXISTS cluster_version (applied INTEGER NOT NULL, version INTEGER NOT NULL) STRICT; \
            INSERT INTO cluster_version SELECT 0, 0 WHERE NOT EXISTS (SELECT 1 FROM cluster_version); COMMIT",
        )?;
        ready(&connection)?;
        Ok(Self(connection))
    }

    fn version(&self) -> rusqlite::Result<Version> {
        self.0.query_row("SELECT applied, version FROM cluster_version", [], |row| {
            Ok(Version { applied: row.get(0)?, version: row.get(1)? })
        })
    }

    /// Applies an entry, and remembers it in the same transaction. Only what is a property of the data is an outcome; any other error
    /// leaves the file as it was.
    fn apply(&mut self, number: i64, bytes: &[u8]) -> rusqlite::Result<Outcome> {
        let proposal = postcard::from_bytes::<Proposal>(bytes);
        let now = self.version()?;
        let mut tx = self.0.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut outcome = Outcome::Done;
        match proposal {
            Err(error) => outcome = Outcome::Refused(error.to_string()),
            Ok(proposal) if proposal.base != now.version => outcome = Outcome::Conflict,
            Ok(proposal) => {
                let inner = tx.savepoint()?;
                let done = match &proposal.change {
                    Change::Rows(changes) => changes.apply(&inner),
                    Change::Schema(statements) => statements.iter().try_for_each(|sql| inner.execute_batch(sql)),
                };
                match done {
                    Ok(()) => inner.commit()?,
                    Err(error) if is_of_the_data(&error) => {
                        outcome = Outcome::Refused(error.to_string());
                        drop(inner);
                    }
                    Err(error) => return Err(error),
                }
            }
        }
        let version = now.version + i64::from(matches!(outcome, Outcome::Done));
        tx.execute("UPDATE cluster_version SET applied = ?, version = ?", (number, version))?;
        tx.commit()?;
        Ok(outcome)
    }
}

/// Whether every machine that has the same data has the same error.
fn is_of_the_data(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(
            ErrorCode::ConstraintViolation | ErrorCode::OperationAborted | ErrorCode::TypeMismatch | ErrorCode::Unknown
        )
    )
}

/// Applies what is in the order, one entry after the other, until this machine cannot.
async fn apply<R: Replicator>(replicator: Arc<R>, file: Arc<Mutex<Applied>>, shared: Arc<Shared>) {
    loop {
        let Ok(applied) = shared.applied.borrow().clone() else { return };
        // While the node makes its file anew, there is nothing to be read.
        let entries = replicator.entries(applied).await.unwrap_or_default();
        if entries.is_empty() {
            sleep(PAUSE).await;
        }
        for entry in entries {
            let (file, bytes, number) = (Arc::clone(&file), entry.bytes, entry.number);
            let outcome = tokio::task::spawn_blocking(move || of_file(&file).apply(number, &bytes)).await;
            match outcome
                .map_err(|error| error.to_string())
                .and_then(|outcome| outcome.map_err(|error| error.to_string()))
            {
                Ok(outcome) => {
                    if let Some(place) = shared.outcomes().get_mut(&entry.token) {
                        *place = Some(outcome);
                    }
                    drop(shared.applied.send_replace(Ok(entry.number)));
                }
                Err(reason) => {
                    drop(shared.applied.send_replace(Err(reason)));
                    return;
                }
            }
        }
    }
}
