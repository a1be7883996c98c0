//! One machine of a cluster: what it writes is brought into the order of all, and what is in the order is done in its file.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode};
use sqliter::cluster::{self, ApplyingConnection, NotDone, Recording, SchemaChange};
use sqliter_cluster_wire::Token;
use tokio::runtime::{Builder, Handle};
use tokio::sync::{Notify, mpsc, oneshot, watch};
use tokio::time::{sleep, timeout};

use crate::applied::{Applied, Change, Outcome, Proposal, Version};
use crate::changes::Session;
use crate::error::{Error, Result};
use crate::replicator::Replicator;

/// For how long the others are waited for.
const WITHIN: Duration = Duration::from_secs(30);
/// How often new entries are looked for that other machines have added.
const PAUSE: Duration = Duration::from_millis(2);

/// One machine of a cluster, for [`DbOptions::cluster`](sqliter::DbOptions::cluster).
///
/// ```no_run
/// # use std::sync::Arc;
/// # use sqliter::prelude::*;
/// # use sqliter_cluster::{Machine, Replicator};
/// # async fn example(order: impl Replicator) -> Result<(), Box<dyn std::error::Error>> {
/// let machine = Arc::new(Machine::new(Arc::new(order)));
/// let db = Db::options().path("app.db").cluster(machine.clone()).open().await?;
/// machine.barrier().await?; // `db` has what any machine was told to be written before
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Machine<R: Replicator> {
    order: Arc<R>,
    running: Mutex<Option<Running>>,
}

/// The thread that follows the order.
#[derive(Debug)]
struct Running {
    shared: Arc<Shared>,
    work: mpsc::UnboundedSender<Work>,
    runtime: Handle,
    thread: JoinHandle<()>,
}

#[derive(Debug)]
struct Shared {
    /// What has become of the proposals that are waited for.
    outcomes: Mutex<HashMap<Token, Option<Outcome>>>,
    /// The last entry that was applied here; or why no further one is.
    applied: watch::Sender<std::result::Result<i64, String>>,
    /// Something was proposed here.
    proposed: Notify,
    is_over: watch::Sender<bool>,
}

/// Work for the thread that follows the order, between two entries.
type Work = Box<dyn FnOnce(&Connection) + Send>;

impl<R: Replicator> Machine<R> {
    /// A machine that writes into the order.
    pub const fn new(order: Arc<R>) -> Self {
        Self { order, running: Mutex::new(None) }
    }

    /// The order that it follows.
    pub const fn order(&self) -> &Arc<R> {
        &self.order
    }

    /// Waits until this machine has all that any program was told to be written before this was called.
    ///
    /// # Errors
    ///
    /// [`Error::Unknown`] without a leader; [`Error::Stopped`] when this machine does not follow, as its database is closed or
    /// its file could not be written.
    pub async fn barrier(&self) -> Result<()> {
        let shared = locked(&self.running).as_ref().map(|running| Arc::clone(&running.shared));
        let shared = shared.ok_or_else(|| Error::Stopped { reason: CLOSED.to_owned() })?;
        let number = self.order.barrier().await?;
        match timeout(WITHIN, shared.until(|applied| applied >= number)).await {
            Ok(done) => done.map_err(|reason| Error::Stopped { reason }),
            Err(_) => Err(Error::Unknown { within: WITHIN, reason: "this machine is behind".to_owned() }),
        }
    }

    /// Runs work on the connection that what is in the order is done on, between two entries.
    ///
    /// # Errors
    ///
    /// [`Error::Stopped`] when this machine does not follow.
    pub async fn on_file<T: Send + 'static>(&self, work: impl FnOnce(&Connection) -> T + Send + 'static) -> Result<T> {
        let stopped = || Error::Stopped { reason: CLOSED.to_owned() };
        let (done, is_done) = oneshot::channel();
        let work: Work = Box::new(move |connection| drop(done.send(work(connection))));
        let to_do = locked(&self.running).as_ref().map(|running| running.work.clone());
        to_do.ok_or_else(stopped)?.send(work).map_err(|_| stopped())?;
        is_done.await.map_err(|_| stopped())
    }
}

const CLOSED: &str = "its database is closed";

impl<R: Replicator + std::fmt::Debug> cluster::Replicator for Machine<R> {
    fn start(&self, connection: ApplyingConnection) -> std::result::Result<(), String> {
        let mut running = locked(&self.running);
        if running.is_some() {
            return Err("a machine has one database: make another one for this database".to_owned());
        }
        let text = |error: &dyn std::error::Error| error.to_string();
        let file = Applied::new(connection).map_err(|error| text(&error))?;
        let applied = file.version().map_err(|error| text(&error))?.applied;
        let shared = Arc::new(Shared {
            outcomes: Mutex::default(),
            applied: watch::Sender::new(Ok(applied)),
            proposed: Notify::new(),
            is_over: watch::Sender::new(false),
        });
        let runtime = Builder::new_current_thread().enable_all().build().map_err(|error| text(&error))?;
        let handle = runtime.handle().clone();
        let (order, follower) = (Arc::clone(&self.order), Arc::clone(&shared));
        let (work, mut to_do) = mpsc::unbounded_channel();
        let follow = move || {
            let mut is_over = follower.is_over.subscribe();
            runtime.block_on(async {
                tokio::select! {
                    () = follow(&*order, &file, &follower, &mut to_do) => {}
                    _ = is_over.wait_for(|is_over| *is_over) => {}
                }
                // Who proposes runs on this runtime, and is told even when nothing is applied any more.
                let _ = is_over.wait_for(|is_over| *is_over).await;
            });
        };
        let thread = std::thread::Builder::new().name("sqliter-cluster".to_owned()).spawn(follow);
        *running = Some(Running { shared, work, runtime: handle, thread: thread.map_err(|error| text(&error))? });
        Ok(())
    }

    fn stop(&self) {
        let Some(Running { shared, thread, .. }) = locked(&self.running).take() else { return };
        shared.applied.send_modify(|applied| {
            if applied.is_ok() {
                *applied = Err(CLOSED.to_owned());
            }
        });
        shared.is_over.send_replace(true);
        if thread.join().is_err() {
            // The panic hook has told of it.
        }
    }

    fn record(&self, connection: &Connection) -> rusqlite::Result<Box<dyn Recording>> {
        let base = Version::read(connection)?.version;
        // SAFETY: the library drops the recording, and the session in it, before the connection is closed.
        let session = unsafe { Session::begin(connection)? };
        Ok(Box::new(Recorded { session, base }))
    }

    fn propose(&self, proposal: Vec<u8>, within: Option<Duration>) -> std::result::Result<(), NotDone> {
        let (shared, runtime) = match &*locked(&self.running) {
            Some(running) => (Arc::clone(&running.shared), running.runtime.clone()),
            None => return Err(NotDone::Refused(CLOSED.to_owned())),
        };
        if let Err(reason) = &*shared.applied.borrow() {
            return Err(NotDone::Refused(reason.clone()));
        }
        let mut token = Token::default();
        getrandom::fill(&mut token).map_err(|error| NotDone::Refused(error.to_string()))?;
        locked(&shared.outcomes).insert(token, None);
        let within = within.map_or(WITHIN, |within| within.min(WITHIN));
        let propose = async {
            self.order.propose(token, proposal).await.map_err(|error| error.to_string())?;
            // It is in the order, and comes here.
            shared.proposed.notify_one();
            shared.until(|_| locked(&shared.outcomes).get(&token).is_some_and(Option::is_some)).await
        };
        let proposed = runtime.block_on(async { timeout(within, propose).await });
        let outcome = locked(&shared.outcomes).remove(&token).flatten();
        match (outcome, proposed) {
            (Some(Outcome::Done), _) => Ok(()),
            (Some(Outcome::Conflict), _) => Err(NotDone::Conflict),
            (Some(Outcome::Refused(reason)), _) => Err(NotDone::Refused(reason)),
            (None, Ok(Err(reason))) => Err(NotDone::Unknown(reason)),
            (None, _) => Err(NotDone::Unknown(format!("it was waited for {within:?}"))),
        }
    }
}

impl Shared {
    async fn until(&self, is_enough: impl Fn(i64) -> bool) -> std::result::Result<(), String> {
        let mut applied = self.applied.subscribe();
        loop {
            match &*applied.borrow_and_update() {
                Ok(applied) if is_enough(*applied) => return Ok(()),
                Ok(_) => {}
                Err(reason) => return Err(reason.clone()),
            }
            if applied.changed().await.is_err() {
                return Err(CLOSED.to_owned());
            }
        }
    }
}

/// Applies what is in the order, one entry after the other, until this machine cannot.
async fn follow<R: Replicator>(order: &R, file: &Applied, shared: &Shared, to_do: &mut mpsc::UnboundedReceiver<Work>) {
    loop {
        let Ok(applied) = shared.applied.borrow().clone() else { return };
        // While the node makes its file anew, there is nothing to be read.
        let entries = order.entries(applied).await.unwrap_or_default();
        if entries.is_empty() {
            tokio::select! {
                () = sleep(PAUSE) => {}
                () = shared.proposed.notified() => {}
                Some(work) = to_do.recv() => work(file.connection().sqlite()),
            }
        }
        for entry in entries {
            let outcome = loop {
                match file.apply(entry.number, &entry.bytes) {
                    // A transaction is open here. What is waited for is that of this program, which ends some time.
                    Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) => sleep(PAUSE).await,
                    applied => break applied,
                }
            };
            match outcome {
                Ok(outcome) => {
                    if let Some(place @ None) = locked(&shared.outcomes).get_mut(&entry.token) {
                        *place = Some(outcome);
                    }
                    shared.applied.send_modify(|applied| {
                        if applied.is_ok() {
                            *applied = Ok(entry.number);
                        }
                    });
                }
                Err(error) => {
                    drop(shared.applied.send_replace(Err(error.to_string())));
                    return;
                }
            }
        }
    }
}

/// A transaction that is recorded.
struct Recorded {
    session: Session,
    /// The version that it began on.
    base: i64,
}

impl Recording for Recorded {
    fn proposal(
        &mut self,
        connection: &Connection,
        schema: Option<SchemaChange<'_>>,
    ) -> rusqlite::Result<Option<Vec<u8>>> {
        let change = match schema {
            Some(SchemaChange { statements, foreign_keys }) => {
                let now = "SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')";
                let now = connection.query_row(now, [], |row| row.get(0))?;
                Change::Schema { statements: statements.to_vec(), foreign_keys, now }
            }
            None => {
                // SAFETY: it is the connection of the session, which ends when this is dropped.
                let changes = unsafe { self.session.changes(connection)? };
                if changes.is_empty() {
                    return Ok(None);
                }
                Change::Rows(changes)
            }
        };
        let bytes = postcard::to_stdvec(&Proposal { base: self.base, change });
        bytes.map(Some).map_err(|error| rusqlite::Error::UserFunctionError(Box::new(error)))
    }
}

impl Drop for Recorded {
    fn drop(&mut self) {
        // SAFETY: the connection is open, as the library drops the recording first.
        unsafe { self.session.end() }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
