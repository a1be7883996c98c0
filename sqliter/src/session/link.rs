//! The connection of a transaction or a snapshot, as its sessions know it.

use std::panic::Location;
use std::sync::{Arc, Mutex as Plain, Weak};
use std::time::Instant;

use tokio::sync::{Mutex, MutexGuard, OwnedMutexGuard};

use crate::engine::{
    Access, Connection, Engine, Inside, Job, Kind, Lane, LentJob, Level, OUTERMOST, RunsJobs, Slot, TransactionLane,
    TurnNumber, locked, number, refused_inside, with_turn,
};
use crate::error::{Context, Error, Result};

/// The right to use the connection of a transaction: held by the open transaction inside it, and by each of its
/// statements.
pub(crate) type Turn = OwnedMutexGuard<()>;

/// The connection of a transaction, shared by its session and the transactions inside it.
#[derive(Clone)]
pub(crate) struct TxLink {
    lane: Weak<TransactionLane>,
    /// Which of the transactions on the connection it is.
    level: Level,
    /// Held by the open transaction inside this one, and by each statement of this one: what runs beside a savepoint
    /// would be undone with it.
    inner: Arc<Mutex<()>>,
    /// The open transaction or snapshot inside this one.
    open: Arc<Plain<Option<Open>>>,
    reads_only: bool,
}

/// A transaction or a snapshot inside another one, and since when it is open.
#[derive(Clone, Copy)]
struct Open {
    inside: Inside,
    since: Instant,
}

/// The turn of an open transaction or snapshot inside another one, whose statements wait for it.
pub(crate) struct InnerTurn {
    open: Arc<Plain<Option<Open>>>,
    turn: Turn,
}

impl InnerTurn {
    /// What tells it from other turns.
    pub(crate) fn number(&self) -> TurnNumber {
        number(Turn::mutex(&self.turn))
    }
}

impl std::fmt::Debug for InnerTurn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InnerTurn")
    }
}

impl Drop for InnerTurn {
    fn drop(&mut self) {
        *locked(&self.open) = None;
    }
}

impl std::fmt::Debug for TxLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TxLink").field("level", &self.level).finish_non_exhaustive()
    }
}

impl TxLink {
    /// A transaction on a connection of its own, or a snapshot.
    pub(crate) fn outermost(lane: &Arc<TransactionLane>, reads_only: bool) -> Self {
        Self { lane: Arc::downgrade(lane), level: OUTERMOST, inner: Arc::default(), open: Arc::default(), reads_only }
    }

    /// The same transaction, for one that only reads, and for which its own statements wait.
    pub(crate) fn reading(&self) -> Self {
        Self { inner: Arc::default(), open: Arc::default(), reads_only: true, ..self.clone() }
    }

    /// A transaction inside this one.
    pub(crate) fn inside(&self, level: Level) -> Self {
        Self { level, inner: Arc::default(), open: Arc::default(), ..self.clone() }
    }

    pub(crate) const fn level(&self) -> Level {
        self.level
    }

    /// Refuses to write in a snapshot.
    pub(crate) fn check(&self, access: Access, context: Context<'_>) -> Result<()> {
        match self.reads_only && access == Access::Write {
            false => Ok(()),
            true => {
                let Context { operation, subject, .. } = context;
                Err(Error::SnapshotReads { operation, table: subject.to_owned() })
            }
        }
    }

    /// What keeps the connection.
    pub(crate) fn transaction(&self) -> Result<Arc<TransactionLane>> {
        self.lane.upgrade().ok_or(Error::TransactionEnded)
    }

    /// The lane with the connection.
    pub(crate) fn lane(&self) -> Result<Arc<Lane>> {
        Ok(Arc::clone(self.transaction()?.lane()))
    }

    /// The turn, unless a transaction inside this one is open.
    pub(crate) fn turn_at_once(&self) -> Option<MutexGuard<'_, ()>> {
        self.inner.try_lock().ok()
    }

    /// Waits for the end of a transaction inside this one.
    pub(crate) async fn turn(&self, engine: &Engine, context: Context<'_>) -> Result<Turn> {
        if let Ok(turn) = Arc::clone(&self.inner).try_lock_owned() {
            return Ok(turn);
        }
        if let Some(inside) = with_turn(number(&self.inner)) {
            return Err(refused_inside("the transaction around it", inside, context));
        }
        let limit = engine.queue_timeout();
        let limit = context.time_left().map_or(limit, |left| left.min(limit));
        match engine.within(limit, Arc::clone(&self.inner).lock_owned()).await {
            Some(turn) => Ok(turn),
            None => Err(context.late().unwrap_or_else(|| self.timed_out(engine, context))),
        }
    }

    /// Waits for the turn of a transaction or a snapshot inside this one.
    pub(crate) async fn inner_turn(
        &self,
        engine: &Engine,
        context: Context<'_>,
        kind: &'static str,
        at: &'static Location<'static>,
    ) -> Result<InnerTurn> {
        let turn = self.turn(engine, context).await?;
        *locked(&self.open) = Some(Open { inside: Inside { kind, at }, since: Instant::now() });
        Ok(InnerTurn { open: Arc::clone(&self.open), turn })
    }

    fn timed_out(&self, engine: &Engine, context: Context<'_>) -> Error {
        let open = *locked(&self.open);
        let (operation, table) = (context.operation, context.subject.to_owned());
        let holder = open.map(|open| format!("{} begun at {}", open.inside.kind, open.inside.at));
        let held = open.map(|open| open.since.elapsed());
        let reason = holder.as_ref().zip(held).map(|(holder, held)| {
            format!("the {holder} inside this transaction has been open for {held:.1?}; end it before")
        });
        Error::QueueTimeout { operation, table, limit: engine.queue_timeout(), holder, held, reason }
    }

    /// Runs a job of the transaction's own.
    pub(crate) fn control(
        &self,
        kind: Kind,
        context: Context<'static>,
        work: fn(&mut Connection) -> Result<()>,
    ) -> impl Future<Output = Result<()>> + Send {
        Slot::run(self, kind, context, (), move |(), connection| work(connection), |(), ()| ())
    }

    /// As [`control`](Self::control), for work on something that the caller gets back.
    pub(crate) fn control_with<S, T, W>(
        &self,
        kind: Kind,
        context: Context<'static>,
        subject: S,
        work: W,
    ) -> impl Future<Output = Result<(S, T)>> + Send
    where
        S: Send + 'static,
        T: Send + 'static,
        W: FnMut(&mut S, &mut Connection) -> Result<T> + Send + 'static,
    {
        Slot::run(self, kind, context, subject, work, |subject, given| (subject, given))
    }
}

/// Jobs of the transaction's own, which wait for nothing inside it.
impl RunsJobs for TxLink {
    async fn run_job(
        &self,
        kind: Kind,
        context: Context<'static>,
        job: &mut (dyn LentJob + Send),
    ) -> Result<Option<Box<dyn Job>>> {
        self.lane()?.run(kind.at(self.level), context, job, None).await
    }
}
