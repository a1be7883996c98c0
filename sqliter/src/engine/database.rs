//! The lanes of one database: one writer, N readers.

use std::future::pending;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::{Duration, Instant};

use sqlx::sqlite::SqlitePool;
use tokio::sync::{Mutex as Gate, oneshot};

use super::asking::All;
use super::cluster::ApplyingConnection;
use super::job::Access;
use super::lane::{Hands, Lane, Many, Role};
use super::limits::on_thread;
use super::log::Caller;
use super::long_texts::LongTexts;
use super::open::Opener;
use super::run::{THE_DATABASE, refused_inside};
use super::{Connection, Counts, Location, Log, Wishes, block_on, inside, locked};
use crate::error::{Context, Error, Result, SqliteError, code};

/// The connections of one database.
///
/// A file has a lane of readers and a lane with the one writer; with the write-ahead log they never wait for each
/// other. A database in memory has no such log, and one connection for everything: jobs queue for it in their order,
/// instead of polling a lock.
pub(crate) struct Engine {
    hands: Arc<Hands>,
    readers: Arc<Lane>,
    writer: Arc<Lane>,
    streams: Arc<Lane>,
    stream_timeout: Duration,
    pool_size: u32,
    pool: Mutex<SqlitePool>,
    /// Held while the connection is opened that watches the version, and while all are closed.
    watching: Arc<Gate<()>>,
}

/// How many streams run at a time.
const STREAMS: usize = 16;

/// What an engine is opened with.
pub(crate) struct Settings {
    pub(crate) location: Location,
    pub(crate) max_readers: u32,
    pub(crate) pool_size: u32,
    pub(crate) queue_timeout: Duration,
    pub(crate) stream_timeout: Duration,
    pub(crate) log: Log,
    pub(crate) wishes: Wishes,
}

impl Engine {
    /// Opens the first connection, the writer's; it stays open as long as the engine, which keeps a database in
    /// memory alive.
    pub(crate) async fn open(settings: Settings) -> Result<Self> {
        let Settings { location, max_readers, pool_size, queue_timeout, stream_timeout, log, wishes } = settings;
        let is_memory = location.is_memory();
        let opener = Opener::new(location, log, wishes)?;
        let hands = Arc::new(Hands {
            opener,
            threads: Default::default(),
            alarms: Default::default(),
            long: LongTexts::default(),
            queue_timeout,
            connected: AtomicBool::new(false),
            closing: Mutex::default(),
        });
        let (opened, first) = oneshot::channel();
        let (opening, caller) = (Arc::clone(&hands), Caller::here());
        hands.threads.run(Box::new(move || {
            // Whoever opens the database may have gone in the meantime.
            let _ = opened.send(caller.run(|| opening.connect()));
        }));
        let first = Box::new(first.await.map_err(lost_thread)??);
        let writer = Lane::new(1, vec![first], Role::Writer, Arc::clone(&hands));
        let reading = |most, of| match is_memory {
            true => Arc::clone(&writer),
            false => Lane::new(most, Vec::new(), Role::Readers(Many { most, of }), Arc::clone(&hands)),
        };
        let (readers, streams) = (reading(max_readers as usize, "reads"), reading(STREAMS, "streams"));
        let pool = Mutex::new(hands.opener.pool(pool_size));
        Ok(Self { hands, readers, writer, streams, stream_timeout, pool_size, pool, watching: Arc::default() })
    }

    pub(crate) fn location(&self) -> &Location {
        self.hands.opener.location()
    }

    pub(crate) fn busy_timeout(&self) -> Duration {
        self.hands.opener.busy_timeout()
    }

    /// Whether nothing is written, by the wish of the program.
    pub(crate) fn reads_only(&self) -> bool {
        self.hands.opener.reads_only()
    }

    /// Refuses to write where the program has asked for that.
    pub(crate) fn check(&self, access: Access, context: Context<'_>) -> Result<()> {
        match access {
            Access::Write if self.reads_only() => {
                let Context { operation, subject, .. } = context;
                Err(Error::ReadOnly { operation, table: subject.to_owned() })
            }
            Access::Write | Access::Read | Access::Stream => Ok(()),
        }
    }

    pub(crate) fn statement_count(&self) -> u64 {
        self.hands.opener.counts().statements()
    }

    /// What is counted of the database.
    pub(crate) fn counts(&self) -> &Counts {
        self.hands.opener.counts()
    }

    /// What is known of queries that read whole tables.
    #[cfg(feature = "testing")]
    pub(crate) fn scans(&self) -> &Arc<super::scans::Scans> {
        self.hands.opener.scans()
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.hands.connected.load(Ordering::Relaxed)
    }

    /// The pool for users, made anew when it was closed.
    pub(crate) fn pool(&self) -> SqlitePool {
        let mut pool = locked(&self.pool);
        if pool.is_closed() {
            *pool = self.hands.opener.pool(self.pool_size);
        }
        pool.clone()
    }

    /// The connections for jobs that read, or write.
    pub(crate) const fn lane(&self, access: Access) -> &Arc<Lane> {
        match access {
            Access::Read => &self.readers,
            Access::Write => &self.writer,
            Access::Stream => &self.streams,
        }
    }

    /// Opens a connection of its own, outside the lanes, to watch the version of the database, unless there is one by now.
    /// It is kept even if nobody waits for it any more: closing waits for that, and finds it.
    pub(crate) async fn watch(
        &self,
        is_there: impl Fn() -> bool,
        keep: impl FnOnce(Connection) + Send + 'static,
    ) -> Result<()> {
        let opening = Arc::clone(&self.watching).lock_owned().await;
        if is_there() {
            return Ok(());
        }
        let (opened, is_opened) = oneshot::channel();
        let (hands, caller) = (Arc::clone(&self.hands), Caller::here());
        self.hands.threads.run(Box::new(move || {
            let (connection, _) =
                on_thread(&[], hands.opener.waiting(), None, || caller.run(|| block_on(hands.opener.watch())));
            hands.connected.store(true, Ordering::Relaxed);
            let kept = connection.map(keep);
            drop(opening);
            // Whoever waited may have gone in the meantime.
            let _ = opened.send(kept);
        }));
        is_opened.await.map_err(lost_thread)?
    }

    /// Closes a connection that was opened to watch.
    pub(crate) fn close_unused(&self, connection: Connection) {
        self.hands.close_unused(vec![Box::new(connection)]);
    }

    /// Runs work on a thread of the engine that is too long for the caller's. Whoever waited may have gone when it is done.
    pub(crate) async fn aside(&self, work: Box<dyn FnOnce() + Send>) -> Result<()> {
        self.elsewhere(move || async move { work() }).await
    }

    /// Drops what takes its time on a thread of the engine.
    pub(crate) fn drop_aside(&self, what: impl Send + 'static) {
        self.hands.threads.run(Box::new(move || drop(what)));
    }

    /// Waits for the future, or `None` when the time is over.
    pub(crate) async fn within<F: Future>(&self, time: Duration, future: F) -> Option<F::Output> {
        self.hands.alarms.within(time, future).await
    }

    /// Waits.
    pub(crate) async fn pause(&self, time: Duration) {
        self.within(time, std::future::pending::<()>()).await;
    }

    /// Runs a future to its end on a thread of the engine, in the caller's runtime if there is one: so it need not be one that
    /// threads hand to each other. It is dropped where it stands when nobody waits for it any more.
    pub(crate) async fn elsewhere<T, F>(&self, work: impl FnOnce() -> F + Send + 'static) -> Result<T>
    where
        T: Send + 'static,
        F: Future<Output = T>,
    {
        let (done, is_done) = oneshot::channel();
        let (wanted, mut unwanted) = oneshot::channel::<()>();
        let (caller, runtime) = (Caller::here(), tokio::runtime::Handle::try_current().ok());
        self.hands.threads.run(Box::new(move || {
            let _entered = runtime.as_ref().map(tokio::runtime::Handle::enter);
            let ended = catch_unwind(AssertUnwindSafe(|| {
                caller.run(|| {
                    let mut work = pin!(work());
                    block_on(std::future::poll_fn(|cx| match Pin::new(&mut unwanted).poll(cx) {
                        Poll::Ready(_) => Poll::Ready(None),
                        Poll::Pending => work.as_mut().poll(cx).map(Some),
                    }))
                })
            }));
            // Whoever waited may have gone in the meantime.
            let _ = done.send(ended);
        }));
        let ended = is_done.await;
        drop(wanted);
        match ended.map_err(lost_thread)? {
            Ok(value) => value.ok_or_else(|| Error::NoResult { reason: "it was given up".to_owned() }),
            Err(panic) => resume_unwind(panic),
        }
    }

    pub(crate) fn queue_timeout(&self) -> Duration {
        self.hands.queue_timeout
    }

    pub(crate) const fn stream_timeout(&self) -> Duration {
        self.stream_timeout
    }

    fn busy(&self, reason: impl Into<String>, context: Context<'_>) -> Error {
        context.error(SqliteError { code: code::BUSY, message: reason.into() }, self.busy_timeout())
    }

    /// Closes all connections, those of the pool too, after the jobs under way. The next job opens them again.
    ///
    /// `watch` gives what is kept of results, and the connection that watches the version, when nobody opens another one.
    pub(crate) async fn close<K: Send + 'static>(
        &self,
        context: Context<'_>,
        watch: impl FnOnce() -> (K, Option<Connection>),
    ) -> Result<()> {
        if let Some(inside) = inside::any_of(&self.hands) {
            return Err(refused_inside(THE_DATABASE, inside, context));
        }
        let (begun, limit) = (Instant::now(), self.busy_timeout());
        let left = || limit.saturating_sub(begun.elapsed());
        // As long as one lane is waited for, those that are taken already keep others waiting: what may take longest is first.
        let lanes = [
            (&self.streams, "a stream is open"),
            (&self.writer, "a write is under way"),
            (&self.readers, "a read is under way"),
        ];
        // In memory they are all the same.
        let lanes = lanes.get(if self.location().is_memory() { 1..2 } else { 0..3 }).unwrap_or_default();
        for (lane, _) in lanes {
            self.wait_for_open(lane, context, left).await?;
        }
        let mut held: Vec<All> = Vec::new();
        for (lane, reason) in lanes {
            let all = self.within(left(), lane.all()).await;
            held.push(all.ok_or_else(|| self.busy(*reason, context))??);
        }
        let pool = locked(&self.pool).clone();
        // Whoever is last to let go of a connection of the pool closes it, and moves the log.
        let closed = self.elsewhere(move || async move { pool.close().await });
        self.within(left(), closed)
            .await
            .ok_or_else(|| self.busy("a connection of the pool is still in use", context))??;
        let Some(opening) = self.within(left(), Arc::clone(&self.watching).lock_owned()).await else {
            return Err(self.busy("a connection is being opened", context));
        };
        let mut connections: Vec<_> = held.iter_mut().flat_map(All::keep).collect();
        let (kept, watching) = watch();
        connections.extend(watching.map(Box::new));
        self.hands.connected.store(false, Ordering::Relaxed);
        let (closed, are_closed) = oneshot::channel();
        let (hands, caller) = (Arc::clone(&self.hands), Caller::here());
        // The last one moves the whole log into the file. Nothing is opened before, even if nobody waits any more.
        self.hands.threads.run(Box::new(move || {
            hands.stop_replicator();
            let failed = caller.run(|| hands.close_each(connections));
            hands.opener.release();
            drop((opening, held, hands, kept));
            // Whoever waited may have gone in the meantime.
            let _ = closed.send(failed);
        }));
        let failed = are_closed.await.map_err(lost_thread)?;
        self.rest().await;
        match failed {
            Ok(()) => Ok(()),
            Err(error) => Err(Error::Connection {
                path: self.location().path().map_or(":memory:".to_owned(), |path| path.display().to_string()),
                reason: format!("closing failed: {error}"),
                source: Some(Box::new(error)),
            }),
        }
    }
}

impl Engine {
    /// Ends the threads that have no work, and waits a moment until they are gone.
    async fn rest(&self) {
        const PATIENCE: Duration = Duration::from_millis(50);
        const PAUSE: Duration = Duration::from_micros(50);
        let begun = Instant::now();
        self.hands.threads.rest();
        while !self.hands.threads.are_gone() && begun.elapsed() < PATIENCE {
            self.pause(PAUSE).await;
        }
        self.hands.alarms.rest();
    }

    /// Waits for the transactions and snapshots of a lane that are open now, which keeps nobody else waiting.
    async fn wait_for_open(&self, lane: &Lane, context: Context<'_>, left: impl Fn() -> Duration) -> Result<()> {
        const PAUSE: Duration = Duration::from_millis(2);
        for number in lane.holders.open() {
            while let Some(holder) = lane.holders.get(number) {
                if left().is_zero() {
                    return Err(self.busy(format!("the {} is still open", holder.what), context));
                }
                self.within(left().min(PAUSE), pending::<()>()).await;
            }
        }
        Ok(())
    }
}

fn lost_thread(_: oneshot::error::RecvError) -> Error {
    Error::NoResult { reason: "the thread that ran it has ended".to_owned() }
}

impl Hands {
    /// Opens a connection, on a thread of the engine.
    pub(super) fn connect(&self) -> Result<Connection> {
        let open = || on_thread(&[], self.opener.waiting(), None, || block_on(self.opener.connect())).0;
        let connection = open();
        let is_first = !self.connected.swap(true, Ordering::Relaxed);
        match self.opener.replicator().filter(|_| is_first && connection.is_ok()) {
            Some(replicator) => {
                let started = replicator.start(ApplyingConnection::new(open()?));
                started.map_err(|reason| self.opener.refused(&reason))?;
                connection
            }
            None => connection,
        }
    }

    /// The connection is closed on which is done what the machines of a cluster have agreed on.
    fn stop_replicator(&self) {
        self.opener.replicator().into_iter().for_each(|replicator| replicator.stop());
    }

    /// Closes connections, on a thread of the engine. Each is closed, and the first error is told.
    ///
    /// Of two that close at the same time, SQLite may take neither for the last one, and leave the log behind.
    fn close_each(&self, connections: impl IntoIterator<Item = Box<Connection>>) -> Result<(), sqlx::Error> {
        let _alone = locked(&self.closing);
        let mut result = Ok(());
        for connection in connections {
            result = result.and(block_on(connection.close()));
        }
        result
    }

    /// Closes the connections of the pool that nobody uses. Who has a clone of the pool keeps the others.
    fn close_idle(&self, pool: &SqlitePool) {
        let _alone = locked(&self.closing);
        while let Some(mut connection) = pool.try_acquire() {
            // Nobody is there to be told.
            let _ = block_on(async {
                sqlx::raw_sql("PRAGMA busy_timeout = 0").execute(&mut *connection).await?;
                connection.close().await
            });
        }
    }

    /// Closes connections that nobody uses any more, on a thread of the engine.
    pub(super) fn close_unused(self: &Arc<Self>, connections: Vec<Box<Connection>>) {
        if connections.is_empty() {
            return;
        }
        let hands = Arc::clone(self);
        self.threads.run(Box::new(move || {
            // Nobody is there to be told.
            let _ = hands.close_each(connections);
        }));
    }
}

/// The connections that nobody uses are closed, the others when they come back.
impl Drop for Engine {
    fn drop(&mut self) {
        let pool = locked(&self.pool).clone();
        if pool.num_idle() > 0 {
            let hands = Arc::clone(&self.hands);
            self.hands.threads.run(Box::new(move || hands.close_idle(&pool)));
        }
        self.readers.end();
        self.streams.end();
        self.writer.end();
        if self.hands.opener.replicator().is_some() {
            let hands = Arc::clone(&self.hands);
            self.hands.threads.run(Box::new(move || hands.stop_replicator()));
        }
    }
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("location", self.location()).finish_non_exhaustive()
    }
}
