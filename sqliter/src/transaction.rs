//! Transactions and savepoints.

use std::ops::Deref;
use std::panic::Location;
use std::sync::Arc;

use crate::engine::{Access, Connection, Inside, Kind, OUTERMOST, Pace, TransactionLane, inside};
use crate::error::{Context, Error, Operation, Result};
use crate::session::{InnerTurn, Pending, Session, TxLink};

/// An open transaction, from [`Session::begin`] or [`Session::transaction`].
///
/// It derefs to [`Session`]: everything that runs on a database runs inside it. Unless it is
/// [committed](Self::commit), dropping it rolls back. While a transaction inside it is open, its own statements wait
/// for the end of that one, for at most the [`queue_timeout`](crate::DbOptions::queue_timeout); in the closure of that one, where this
/// would never end, they are [`Error::InsideTransaction`](crate::Error::InsideTransaction) at once. So they wait for a snapshot inside
/// it, and for a [stream](Session::select) of it that is not at its end, which ends with
/// [`Error::StreamTimeout`](crate::Error::StreamTimeout) when no row of it is taken for a second while one of them waits.
///
/// Where a future of a statement inside it is dropped before it is done, the transaction goes on: a read ends at once, and a write
/// ends and is undone, unless it had been done already. The same holds for a transaction inside it as a whole.
///
/// A rollback undoes what is stored, not values of the program: a loaded row keeps the key, the timestamps and the
/// changes that it got inside. `get` reads what is stored.
#[derive(Debug)]
#[must_use = "a transaction that is dropped is rolled back"]
pub struct Tx {
    session: Session,
    link: TxLink,
    /// What gives the connection back when the transaction ends, whoever still has a clone of its session.
    _lane: Arc<TransactionLane>,
    /// Keeps the transactions inside one parent from overlapping.
    turn: Option<InnerTurn>,
    /// Where it was begun.
    at: &'static Location<'static>,
}

const BEGIN: Context<'static> = Context::new(Operation::Execute, "BEGIN IMMEDIATE");
const COMMIT: Context<'static> = Context::new(Operation::Execute, "COMMIT");
const ROLLBACK: Context<'static> = Context::new(Operation::Execute, "ROLLBACK");
const TRANSACTION: &str = "transaction";
const SAVEPOINT: Context<'static> = Context::new(Operation::Execute, "SAVEPOINT");

impl Session {
    /// Opens a transaction; inside a transaction, a savepoint.
    ///
    /// The write lock is taken at once (`BEGIN IMMEDIATE`), so that the transaction never fails half-way because
    /// another one was faster. Writers wait for it in the order of their asking; readers of a file go on and see the
    /// state before it, while readers of a database in memory wait too.
    ///
    /// # Errors
    ///
    /// [`Error::QueueTimeout`] when its turn does not come, and [`Error::Busy`] when another program does not release its lock,
    /// within the time limit; [`Error::SnapshotReads`] inside a snapshot; [`Error::ReadOnly`] where the
    /// database was opened with [`read_only`](crate::DbOptions::read_only): there, [`begin_read`](Self::begin_read) is for reads
    /// that belong together.
    #[track_caller]
    pub fn begin(&self) -> Pending<'_, Tx> {
        let at = Location::caller();
        Box::pin(self.begin_at(at))
    }

    async fn begin_at(&self, at: &'static Location<'static>) -> Result<Tx> {
        match self.transaction_link() {
            None => self.begin_outermost(at).await,
            Some(outer) => self.begin_nested(outer, at).await,
        }
    }

    async fn begin_outermost(&self, at: &'static Location<'static>) -> Result<Tx> {
        let context = self.limited(BEGIN);
        self.engine().check(Access::Write, context)?;
        let lane = Arc::new(TransactionLane::open(self.engine().lane(Access::Write), context, at).await?);
        let link = TxLink::outermost(&lane, false);
        link.control(Kind::BEGIN, context, |connection| connection.begin(BEGIN)).await?;
        Ok(Tx { session: self.within(link.clone()), link, _lane: lane, turn: None, at })
    }

    async fn begin_nested(&self, outer: &TxLink, at: &'static Location<'static>) -> Result<Tx> {
        outer.check(Access::Write, BEGIN)?;
        let turn = outer.inner_turn(self.engine(), self.limited(SAVEPOINT), TRANSACTION, at).await?;
        let lane = outer.transaction()?;
        let level = lane.lane().begin_inside(outer.level());
        let link = outer.inside(level);
        // From here on it ends with its drop, whether it has its savepoint or not.
        let tx = Tx { session: self.within(link.clone()), link, _lane: lane, turn: Some(turn), at };
        tx.link.control(Kind::new(Access::Write, Pace::Short), SAVEPOINT, nothing).await?;
        Ok(tx)
    }

    /// Runs the closure in a transaction: commits when it returns `Ok`, rolls back when it returns `Err`, panics or is
    /// dropped. Inside a transaction it is a savepoint, and only the work of the closure is rolled back.
    ///
    /// The closure is written `async |tx| { … }`, and its error is [`Error`]; closures that have errors of the program's own are
    /// for [`try_transaction`](Self::try_transaction). Written as `|tx| async move { … }` it does not compile, as what it gives
    /// would outlive `tx`.
    ///
    /// ```
    /// # use sqliter::prelude::*;
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Author { pk: Key<Author>, name: String }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_table::<Author>().await?;
    /// let key = db
    ///     .transaction(async |tx| {
    ///         let ada = tx.insert(Author::builder().name("Ada")).await?;
    ///         Ok(ada.pk)
    ///     })
    ///     .await?;
    /// assert!(db.get(key).await?.is_some());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// That of the closure, or of beginning and committing.
    #[track_caller]
    pub fn transaction<T, F>(&self, work: F) -> impl Future<Output = Result<T>>
    where
        F: AsyncFnOnce(&Tx) -> Result<T>,
    {
        self.transaction_at(Location::caller(), work)
    }

    /// As [`transaction`](Self::transaction), for closures with an error type of the program's own.
    ///
    /// ```
    /// # use sqliter::prelude::*;
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Author { pk: Key<Author>, name: String }
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let db = Db::memory().await?;
    /// # db.create_table::<Author>().await?;
    /// db.try_transaction(async |tx| {
    ///     let ada = tx.insert(Author::builder().name("Ada")).await?;
    ///     std::fs::metadata("/")?;
    ///     Ok::<_, Box<dyn std::error::Error>>(ada.pk)
    /// })
    /// .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// That of the closure, or of beginning and committing.
    #[track_caller]
    pub fn try_transaction<T, E, F>(&self, work: F) -> impl Future<Output = Result<T, E>>
    where
        F: AsyncFnOnce(&Tx) -> Result<T, E>,
        E: From<Error>,
    {
        self.transaction_at(Location::caller(), work)
    }

    async fn transaction_at<T, E, F>(&self, at: &'static Location<'static>, work: F) -> Result<T, E>
    where
        F: AsyncFnOnce(&Tx) -> Result<T, E>,
        E: From<Error>,
    {
        let tx = self.begin_at(at).await?;
        let turn = tx.turn.as_ref().map(InnerTurn::number);
        let value = inside(&tx._lane, turn, Inside { kind: TRANSACTION, at }, work(&tx)).await?;
        tx.commit().await?;
        Ok(value)
    }
}

impl Tx {
    /// The transaction that was begun on a connection.
    pub(crate) fn begun(
        session: &Session,
        link: TxLink,
        lane: Arc<TransactionLane>,
        at: &'static Location<'static>,
    ) -> Self {
        Self { session: session.within(link.clone()), link, _lane: lane, turn: None, at }
    }

    /// Makes the work of the transaction permanent; of a savepoint, part of the transaction around it.
    ///
    /// # Errors
    ///
    /// When SQLite cannot commit, or [`Error::QueueTimeout`] when a transaction or snapshot inside this one stays open; everything is
    /// rolled back then. [`Error::TransactionLost`] when SQLite has rolled it back before, and [`Error::TransactionEnded`] when
    /// the transaction around it has ended.
    pub async fn commit(self) -> Result<()> {
        let context = self.session.limited(COMMIT);
        let _turn = self.link.turn(self.session.engine(), context).await?;
        match self.link.level() {
            OUTERMOST => {
                let commit = |connection: &mut Connection| connection.commit(COMMIT);
                self.link.control(Kind::END, context, commit).await
            }
            _ => self.link.control(Kind::KEEP, SAVEPOINT, nothing).await,
        }
    }

    /// Undoes the work of the transaction or savepoint, as dropping it does, and waits until that is done.
    ///
    /// # Errors
    ///
    /// When SQLite cannot roll back.
    pub async fn rollback(self) -> Result<()> {
        match self.link.level() {
            OUTERMOST => {
                let rollback = |connection: &mut Connection| connection.batch(ROLLBACK.subject, ROLLBACK);
                self.link.control(Kind::END, ROLLBACK, rollback).await
            }
            _ => self.link.control(Kind::UNDO, ROLLBACK, nothing).await,
        }
    }

    /// The line that began it.
    pub fn begun_at(&self) -> &'static Location<'static> {
        self.at
    }
}

impl Deref for Tx {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.session
    }
}

/// The outermost transaction is rolled back when its lane ends, after a job that still runs. What one inside it has done is
/// undone before the next job, unless that was kept.
impl Drop for Tx {
    fn drop(&mut self) {
        if self.link.level() != OUTERMOST {
            self._lane.lane().end_inside(self.link.level());
        }
    }
}

/// What has to be done stands before the job, and is the engine's.
fn nothing(_: &mut Connection) -> Result<()> {
    Ok(())
}
