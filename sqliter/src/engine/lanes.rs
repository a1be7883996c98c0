//! Who may use which connection: one writer, N readers, each in the order of asking.

use std::collections::HashMap;
use std::panic::catch_unwind;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sqlx::sqlite::SqlitePool;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::group::LastGroup;
use super::open::Opener;
use super::placement::Timing;
use super::sweeper::Sweeper;
use super::{Connection, Location, Log};
use crate::error::{Context, Error, Result, SqliteError, code};

/// What a job needs a connection for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    Read,
    Write,
}

/// The connections of one database.
///
/// A file has a lane of readers and a lane with the one writer; with the write-ahead log they never wait for each
/// other. A database in memory has no such log: there a writer takes the places of all readers for its time, so that
/// jobs queue in order instead of polling a lock.
pub(crate) struct Engine {
    opener: Arc<Opener>,
    readers: Arc<Lane>,
    pub(super) writer: Arc<Lane>,
    max_readers: u32,
    pool_size: u32,
    pool: Mutex<SqlitePool>,
    pub(super) connected: AtomicBool,
    timings: Mutex<HashMap<u64, Timing>>,
    /// How long single rows by their key took lately, in microseconds.
    short: AtomicU32,
}

/// Connections of one role, and the right to use one.
pub(super) struct Lane {
    gate: Arc<Semaphore>,
    idle: Mutex<Idle>,
    pub(super) sweeper: Sweeper,
    /// The group at the end of the queue.
    pub(super) last: LastGroup,
}

/// In boxes, as leases and jobs are moved about with their connection.
type Idle = Vec<Box<Connection>>;

impl Lane {
    fn new(gate: Arc<Semaphore>) -> Arc<Self> {
        Arc::new(Self { gate, idle: Mutex::default(), sweeper: Sweeper::default(), last: LastGroup::default() })
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        locked(&self.idle)
    }

    /// Ends the snapshots of the readers that nobody uses just now.
    pub(super) fn end_snapshots(&self) {
        self.idle().retain_mut(|connection| {
            // The last job may have been cancelled, which must not stop this.
            connection.begin_job().disarm();
            // A connection that cannot end it is given up; the next job opens another.
            connection.end_snapshot().is_ok()
        });
    }
}

/// A panic while the lock is held leaves plain data in order, so a poisoned lock is taken as it is.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Engine {
    /// Opens the first connection, the writer's; it stays open as long as the engine, which keeps a database in
    /// memory alive.
    pub(crate) async fn open(
        location: Location,
        exclusive: bool,
        max_readers: u32,
        pool_size: u32,
        busy_timeout: Duration,
        log: Log,
        on_connect: Arc<[String]>,
    ) -> Result<Self> {
        let opener = Arc::new(Opener::new(location, exclusive, busy_timeout, log, on_connect)?);
        let gate = Arc::new(Semaphore::new(max_readers as usize));
        let readers = Lane::new(Arc::clone(&gate));
        let writer = Lane::new(if opener.location().is_memory() { gate } else { Arc::new(Semaphore::new(1)) });
        let first = opener.connect().await?;
        writer.idle().push(Box::new(first));
        let pool = Mutex::new(opener.pool(pool_size));
        let connected = AtomicBool::new(true);
        Ok(Self {
            opener,
            readers,
            writer,
            max_readers,
            pool_size,
            pool,
            connected,
            timings: Mutex::default(),
            short: AtomicU32::new(0),
        })
    }

    pub(crate) fn location(&self) -> &Location {
        self.opener.location()
    }

    pub(crate) fn busy_timeout(&self) -> Duration {
        self.opener.busy_timeout()
    }

    pub(super) fn log(&self) -> &Log {
        self.opener.log()
    }

    pub(crate) fn statement_count(&self) -> u64 {
        self.opener.statement_count()
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.connected.load(Ordering::Relaxed)
    }

    /// The pool for users, made anew when it was closed.
    pub(crate) fn pool(&self) -> SqlitePool {
        let mut pool = locked(&self.pool);
        if pool.is_closed() {
            *pool = self.opener.pool(self.pool_size);
        }
        pool.clone()
    }

    /// Leases a connection: the next in the queue gets it when it comes back.
    pub(crate) async fn lease(&self, access: Access, context: Context<'_>) -> Result<Lease> {
        let (lane, places) = self.lane(access);
        let permit = self.permit(lane, places, context).await?;
        self.hold(access, permit).await
    }

    /// Leases a connection if nobody has to be waited for.
    pub(super) async fn lease_at_once(&self, access: Access) -> Result<Option<Lease>> {
        let (lane, places) = self.lane(access);
        match Arc::clone(&lane.gate).try_acquire_many_owned(places) {
            Ok(permit) => self.hold(access, permit).await.map(Some),
            Err(_) => Ok(None),
        }
    }

    /// Leases the writer's connection of a file, however long that takes.
    pub(super) fn writer_in_turn(&self) -> impl Future<Output = Result<Lease>> + Send + 'static {
        let (lane, opener) = (Arc::clone(&self.writer), Arc::clone(&self.opener));
        async move {
            let closed = |_| Error::Runtime { reason: "the database was dropped".to_owned() };
            let permit = Arc::clone(&lane.gate).acquire_owned().await.map_err(closed)?;
            Lease::hold(lane, Access::Write, permit, &opener).await
        }
    }

    /// The lane, and how many of its places a job takes.
    fn lane(&self, access: Access) -> (&Arc<Lane>, u32) {
        match access {
            Access::Read => (&self.readers, 1),
            Access::Write => (&self.writer, if self.location().is_memory() { self.max_readers } else { 1 }),
        }
    }

    async fn hold(&self, access: Access, permit: OwnedSemaphorePermit) -> Result<Lease> {
        let (lane, _) = self.lane(access);
        let lease = Lease::hold(Arc::clone(lane), access, permit, &self.opener).await?;
        self.connected.store(true, Ordering::Relaxed);
        Ok(lease)
    }

    /// A connection of its own, outside the lanes, to watch the version of the database.
    pub(crate) async fn watch(&self) -> Result<Connection> {
        self.opener.watch().await
    }

    async fn permit(&self, lane: &Lane, places: u32, context: Context<'_>) -> Result<OwnedSemaphorePermit> {
        if let Ok(permit) = Arc::clone(&lane.gate).try_acquire_many_owned(places) {
            return Ok(permit);
        }
        // Nobody who comes later may join those who came before.
        lane.last.close();
        match self.within_timeout(Arc::clone(&lane.gate).acquire_many_owned(places)).await? {
            Some(Ok(permit)) => Ok(permit),
            Some(Err(_)) | None => Err(self.waited_in_vain(context)),
        }
    }

    pub(super) fn waited_in_vain(&self, context: Context<'_>) -> Error {
        self.busy("waited for another transaction; inside one, use it and not the database", context)
    }

    /// Waits for the future, or `None` when the busy timeout is over.
    pub(crate) async fn within_timeout<F: Future>(&self, future: F) -> Result<Option<F::Output>> {
        // Tokio offers no way to ask whether there is a timer; making a sleep panics without one.
        let limit = self.busy_timeout();
        if catch_unwind(|| drop(tokio::time::sleep(limit))).is_err() {
            let reason = "waiting needs the timer of the runtime, which its builder has as `enable_time`".to_owned();
            return Err(Error::Runtime { reason });
        }
        Ok(tokio::time::timeout(limit, future).await.ok())
    }

    pub(crate) fn busy(&self, reason: &str, context: Context<'_>) -> Error {
        context.error(SqliteError { code: code::BUSY, message: reason.to_owned() }, self.busy_timeout())
    }

    /// Closes all connections, those of the pool too, after the jobs under way. The next job opens them again.
    pub(crate) async fn close(&self, context: Context<'_>, watch: Option<Connection>) -> Result<()> {
        let readers = self.permit(&self.readers, self.max_readers, context).await?;
        let writer = match self.location().is_memory() {
            true => None,
            false => Some(self.permit(&self.writer, 1, context).await?),
        };
        let pool = locked(&self.pool).clone();
        if self.within_timeout(pool.close()).await?.is_none() {
            return Err(self.busy("a connection of the pool is still in use", context));
        }
        let mut connections = std::mem::take(&mut *self.readers.idle());
        connections.append(&mut self.writer.idle());
        connections.extend(watch.map(Box::new));
        self.connected.store(false, Ordering::Relaxed);
        for connection in connections {
            connection.close().await.map_err(|error| Error::Connection {
                path: self.location().path().map_or(":memory:".to_owned(), |path| path.display().to_string()),
                reason: format!("closing failed: {error}"),
                source: Some(Box::new(error)),
            })?;
        }
        self.opener.release();
        drop((readers, writer));
        Ok(())
    }

    /// How long the statement took lately.
    pub(super) fn timing(&self, fingerprint: u64) -> Option<Timing> {
        locked(&self.timings).get(&fingerprint).copied()
    }

    pub(super) fn record_timing(&self, fingerprint: u64, elapsed: Duration) {
        /// Programs have few statements; one that builds them without end must not fill the memory.
        const KEPT: usize = 4096;
        let mut timings = locked(&self.timings);
        if timings.len() >= KEPT && !timings.contains_key(&fingerprint) {
            timings.clear();
        }
        timings.entry(fingerprint).or_default().record(elapsed);
    }

    /// How long single rows by their key took lately; they always do.
    pub(super) fn short_timing(&self) -> Timing {
        Timing { micros: self.short.load(Ordering::Relaxed), instant_in_a_row: u32::MAX }
    }

    pub(super) fn record_short(&self, elapsed: Duration) {
        let mut timing = self.short_timing();
        timing.record(elapsed);
        self.short.store(timing.micros, Ordering::Relaxed);
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("location", self.location()).finish_non_exhaustive()
    }
}

/// A connection for the time of a job or a transaction. Dropping it rolls back what is open and passes it on.
pub(crate) struct Lease {
    connection: Option<Box<Connection>>,
    access: Access,
    lane: Arc<Lane>,
    permit: Option<OwnedSemaphorePermit>,
}

impl Lease {
    async fn hold(lane: Arc<Lane>, access: Access, permit: OwnedSemaphorePermit, opener: &Opener) -> Result<Self> {
        let idle = lane.idle().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => Box::new(opener.connect().await?),
        };
        Ok(Self { connection: Some(connection), access, lane, permit: Some(permit) })
    }

    pub(super) fn only_reads(&self) -> bool {
        self.access == Access::Read
    }

    pub(crate) fn connection(&mut self) -> Option<&mut Connection> {
        self.connection.as_deref_mut()
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(mut connection) = self.connection.take() {
            // A connection that cannot roll back is given up; the next job opens another.
            if connection.abandon().is_ok() {
                let keeps = connection.keeps_snapshot();
                self.lane.idle().push(connection);
                if keeps && !self.lane.sweeper.is_told(&self.lane) {
                    self.lane.end_snapshots();
                }
            }
        }
        self.permit.take();
    }
}
