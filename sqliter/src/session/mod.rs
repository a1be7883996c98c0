//! The start of every chain, on the pool or inside a transaction.

mod call;
mod link;
mod progress;

use std::pin::Pin;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::cache::Cache;
use crate::engine::{
    Access, Attempt, Connection, Engine, Job, Kind, Lane, LentJob, Level, OUTERMOST, Pace, RunsJobs, Slot,
};
use crate::error::{Context, Result};

pub(crate) use call::Call;
use link::Turn;
pub(crate) use link::{InnerTurn, TxLink};
pub(crate) use progress::{Progress, telling};

/// Work that begins when it is awaited. Its type does not name the arguments of the call, so that the compiler reports a
/// wrong argument once, and not again for the `.await`.
pub type Pending<'s, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 's>>;

/// Where work runs: on a connection of the [`Db`](crate::Db), or inside a [`Tx`](crate::Tx). Both deref to it, so a
/// function that takes `&Session` serves both.
///
/// ```
/// use sqliter::prelude::*;
/// # #[derive(Debug, Clone, PartialEq, Model)]
/// # struct Book { pk: Key<Book>, title: String }
///
/// async fn titles(session: &Session) -> sqliter::Result<Vec<String>> {
///     session.select::<Book>().only(|b| b.title).fetch_all().await
/// }
///
/// # #[tokio::main]
/// # async fn main() -> sqliter::Result<()> {
/// let db = Db::memory().await?;
/// db.create_table::<Book>().await?;
/// titles(&db).await?;
/// db.transaction(async |tx| titles(tx).await).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Session {
    shared: Arc<Shared>,
    transaction: Option<TxLink>,
    /// How long a call may take. A box, as few have a limit, and a session is small.
    timeout: Option<Box<Duration>>,
}

/// What all sessions of a database share.
pub(crate) struct Shared {
    pub(crate) engine: Engine,
    pub(crate) clock: Clock,
    pub(crate) cache: Option<Cache>,
}

impl Drop for Shared {
    fn drop(&mut self) {
        let Some((kept, connection)) = self.cache.as_ref().map(Cache::close) else { return };
        if kept.is_much() {
            self.engine.drop_aside(kept);
        }
        connection.into_iter().for_each(|connection| self.engine.close_unused(connection));
    }
}

/// Tells the time for `created_at` and `updated_at`.
pub(crate) type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session")
            .field("engine", &self.shared.engine)
            .field("in_transaction", &self.transaction.is_some())
            .finish_non_exhaustive()
    }
}

impl Session {
    pub(crate) fn new(engine: Engine, clock: Clock, cache: Option<Cache>) -> Self {
        Self { shared: Arc::new(Shared { engine, clock, cache }), transaction: None, timeout: None }
    }

    /// The same database, inside a transaction.
    pub(crate) fn within(&self, transaction: TxLink) -> Self {
        Self { shared: Arc::clone(&self.shared), transaction: Some(transaction), timeout: self.timeout.clone() }
    }

    /// The same session, with a time limit for each of its calls.
    ///
    /// A call that is not done by then is stopped, and is [`Error::Timeout`](crate::Error::Timeout): what it has written is
    /// undone, and its connection is free for others. The time begins when the call is first polled. It covers the waiting for a
    /// connection, for the locks of other programs and for transactions inside this one, and all statements of the call. What is
    /// done at once, on the thread that asks, is not stopped: that takes a fifth of a millisecond at most, or is a short write. A
    /// call that was committed before it could be stopped succeeds.
    ///
    /// Chains, [`get`](Self::get) and raw SQL have a method `timeout` of their own. Calls that write a draft, a key or a row have none;
    /// write `db.timeout(d).insert(draft)`. If there are several limits, the one that ends first counts. A transaction that is begun on
    /// the session has its limit for beginning and ending it, and for each call inside. There, a write that has begun is not
    /// interrupted, as SQLite would undo the whole transaction with it: it runs to its end, is undone, and the call ends then. A stream
    /// must have given its last row by then.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use sqliter::prelude::*;
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Book { pk: Key<Book>, title: String, pages: i64 }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// let db = Db::memory().await?;
    /// db.create_table::<Book>().await?;
    /// let brief = db.timeout(Duration::from_secs(2));
    /// let emma = brief.insert(Book::builder().title("Emma").pages(474)).await?;
    ///
    /// let long = db.select::<Book>().filter(|b| b.pages.gt(300)).timeout(Duration::from_millis(500));
    /// assert_eq!(long.fetch_all().await?, [emma]);
    ///
    /// let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    /// let error = db.query::<i64>(endless).timeout(Duration::from_millis(20)).fetch_one().await.unwrap_err();
    /// assert!(matches!(error, sqliter::Error::Timeout { .. }));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use = "the session that this gives has the time limit"]
    pub fn timeout(&self, time: Duration) -> Self {
        let time = self.timeout.as_deref().map_or(time, |own| time.min(*own));
        Self { timeout: Some(Box::new(time)), ..self.clone() }
    }

    /// What a call is about, with the time limit of the session.
    pub(crate) fn limited<'c>(&self, context: Context<'c>) -> Context<'c> {
        match self.timeout.as_deref() {
            None => context,
            Some(limit) => context.within(Some(*limit)),
        }
    }

    pub(crate) fn engine(&self) -> &Engine {
        &self.shared.engine
    }

    pub(crate) fn cache(&self) -> Option<&Cache> {
        self.shared.cache.as_ref()
    }

    pub(crate) const fn transaction_link(&self) -> Option<&TxLink> {
        self.transaction.as_ref()
    }

    /// The time for `created_at` and `updated_at`.
    pub(crate) fn now(&self) -> SystemTime {
        (self.shared.clock)()
    }

    const fn level(&self) -> Level {
        match &self.transaction {
            Some(link) => link.level(),
            None => OUTERMOST,
        }
    }

    /// Whether this session is inside a transaction or a snapshot.
    pub const fn in_transaction(&self) -> bool {
        self.transaction.is_some()
    }

    /// Runs a job that writes, and may share its commit with others: its statements mean the same inside a savepoint.
    pub(crate) fn write<T, W>(
        &self,
        context: Context<'static>,
        pace: Pace,
        work: W,
    ) -> impl Future<Output = Result<T>> + Send
    where
        T: Send + 'static,
        W: FnMut(&mut Connection) -> Result<T> + Send + 'static,
    {
        Slot::run(self, Kind::shared_write(pace), context, (), without_subject(work), |(), given| given)
    }

    /// As [`write`](Self::write), for work on something that the caller gets back.
    pub(crate) fn write_from<S, T, W>(
        &self,
        subject: S,
        context: Context<'static>,
        pace: Pace,
        work: W,
    ) -> impl Future<Output = Result<(S, T)>> + Send
    where
        S: Send + 'static,
        T: Send + 'static,
        W: FnMut(&mut S, &mut Connection) -> Result<T> + Send + 'static,
    {
        Slot::run(self, Kind::shared_write(pace), context, subject, work, |subject, given| (subject, given))
    }

    /// Tries to write at once what the caller has lent. Gives a pace where that cannot be: then nothing has been written, and the
    /// same is written from a copy, at this pace. Nothing is held while it is made.
    pub(crate) async fn write_borrowed(
        &self,
        context: Context<'static>,
        pace: Pace,
        at_once: &mut (dyn FnMut(&mut Connection) -> Result<()> + Send),
    ) -> Result<Option<Pace>> {
        let kind = Kind::shared_write(pace).at(self.level());
        let context = self.limited(context);
        let (lane, _turn) = self.lane(kind.access(), context).await?;
        match lane.attempt(kind, context, at_once) {
            Attempt::Done(result) => self.counted(result).map(|()| None),
            Attempt::NeedsThread(_) => Ok(Some(Pace::Long)),
            Attempt::Waits => Ok(Some(pace)),
        }
    }

    /// Runs a job on the connection of the transaction, or on one of the database. It may run several times, of which the
    /// last one counts: each has to begin anew.
    pub(crate) fn run<T, W>(
        &self,
        access: Access,
        context: Context<'static>,
        pace: Pace,
        work: W,
    ) -> impl Future<Output = Result<T>> + Send
    where
        T: Send + 'static,
        W: FnMut(&mut Connection) -> Result<T> + Send + 'static,
    {
        Slot::run(self, Kind::new(access, pace), context, (), without_subject(work), |(), given| given)
    }

    /// Counts the call if it has failed.
    fn counted<T>(&self, result: Result<T>) -> Result<T> {
        result.inspect_err(|error| self.engine().counts().has_failed(error))
    }

    /// As [`run`](Self::run), for work on something that the caller gets back.
    pub(crate) fn run_on<S, T, W>(
        &self,
        subject: S,
        access: Access,
        context: Context<'static>,
        pace: Pace,
        work: W,
    ) -> impl Future<Output = Result<(S, T)>> + Send
    where
        S: Send + 'static,
        T: Send + 'static,
        W: FnMut(&mut S, &mut Connection) -> Result<T> + Send + 'static,
    {
        Slot::run(self, Kind::new(access, pace), context, subject, work, |subject, given| (subject, given))
    }

    /// Reads at once, where that keeps nobody waiting. `None` when it cannot be: then nothing has been done.
    pub(crate) fn read_at_once(
        &self,
        read: &mut dyn FnMut(&mut Connection) -> Option<Result<()>>,
    ) -> Option<Result<()>> {
        let kind = Kind::new(Access::Read, Pace::Short).at(self.level());
        let read = match &self.transaction {
            None => self.engine().lane(Access::Read).read_at_once(kind, read),
            Some(link) => {
                let _turn = link.turn_at_once()?;
                link.lane().ok()?.read_at_once(kind, read)
            }
        };
        read.map(|result| self.counted(result))
    }

    /// Runs work on so many values of the caller's: in place if they are few, else on a thread of the engine.
    pub(crate) async fn of_many<T>(&self, number: usize, work: impl FnOnce() -> T + Send + 'static) -> Result<T>
    where
        T: Send + 'static,
    {
        const FEW: usize = 256;
        match number <= FEW {
            true => Ok(work()),
            false => self.engine().elsewhere(move || async move { work() }).await,
        }
    }

    /// The lane that a job runs in; inside a transaction, with what keeps it apart from transactions inside that one.
    async fn lane(&self, access: Access, context: Context<'static>) -> Result<(Arc<Lane>, Option<Turn>)> {
        // Short jobs are done when they are polled: without this, a loop of them would keep all other tasks waiting.
        tokio::task::coop::consume_budget().await;
        match &self.transaction {
            None => {
                self.engine().check(access, context)?;
                Ok((Arc::clone(self.engine().lane(access)), None))
            }
            Some(link) => {
                link.check(access, context)?;
                let turn = link.turn(self.engine(), context).await?;
                Ok((link.lane()?, Some(turn)))
            }
        }
    }
}

impl RunsJobs for Session {
    async fn run_job(
        &self,
        kind: Kind,
        context: Context<'static>,
        job: &mut (dyn LentJob + Send),
    ) -> Result<Option<Box<dyn Job>>> {
        let context = self.limited(context);
        let (lane, turn) = self.lane(kind.access(), context).await?;
        self.counted(lane.run(kind.at(self.level()), context, job, turn).await)
    }
}

fn without_subject<T, W>(mut work: W) -> impl FnMut(&mut (), &mut Connection) -> Result<T> + Send + 'static
where
    W: FnMut(&mut Connection) -> Result<T> + Send + 'static,
{
    move |(), connection| work(connection)
}
