//! Transactions and savepoints.

use std::ops::Deref;
use std::sync::{Arc, Mutex as PlainMutex, Weak};

use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::engine::{Access, Connection, Engine, Lease, Pace, locked};
use crate::error::{Context, Error, Operation, Result};
use crate::session::Session;

/// An open transaction, from [`Session::begin`] or [`Session::transaction`].
///
/// It derefs to [`Session`]: everything that runs on a database runs inside it. Unless it is
/// [committed](Self::commit), dropping it rolls back. While a transaction inside it is open, its own statements wait
/// for the end of that one, for at most the busy timeout.
///
/// A rollback undoes what is stored, and leaves values alone: a row in hand keeps the key, the timestamps and the changes
/// that it got inside. `get` tells what is stored.
#[derive(Debug)]
#[must_use = "a transaction that is dropped is rolled back"]
pub struct Tx {
    session: Session,
    link: TxLink,
    /// What gives the connection back when the transaction ends, whoever still has a clone of its session.
    _lease: HeldLease,
    /// Keeps the transactions inside one parent from overlapping.
    _place: Option<OwnedMutexGuard<()>>,
    open: bool,
}

struct HeldLease(#[expect(dead_code, reason = "kept for its drop")] Arc<Mutex<Lease>>);

impl std::fmt::Debug for HeldLease {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Lease")
    }
}

/// The connection of a transaction, shared by its session and the transactions inside it.
#[derive(Clone)]
pub(crate) struct TxLink {
    lease: Weak<Mutex<Lease>>,
    /// The savepoints that were dropped without commit: all from this depth on are undone before the next statement.
    abandoned: Arc<PlainMutex<Option<u32>>>,
    /// 0 for the transaction itself, above it the number of its savepoint.
    depth: u32,
    /// Held by the open transaction inside this one, and by each statement of this one: what runs beside a savepoint
    /// would be undone with it.
    inner: Arc<Mutex<()>>,
}

impl std::fmt::Debug for TxLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TxLink").field("depth", &self.depth).finish_non_exhaustive()
    }
}

const BEGIN: Context<'static> = Context::new(Operation::Execute, "BEGIN IMMEDIATE");
const ROLLBACK: Context<'static> = Context::new(Operation::Execute, "ROLLBACK");

impl TxLink {
    /// Runs a job inside the transaction, after a transaction that is open inside it.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        engine: &Engine,
        context: Context<'_>,
        pace: Pace,
        job: impl FnOnce(&mut Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let _place = self.place(engine, context).await?;
        self.run_at_once(engine, context, pace, job).await
    }

    /// Waits for the end of a transaction inside this one.
    async fn place(&self, engine: &Engine, context: Context<'_>) -> Result<OwnedMutexGuard<()>> {
        if let Ok(place) = Arc::clone(&self.inner).try_lock_owned() {
            return Ok(place);
        }
        match engine.within_timeout(Arc::clone(&self.inner).lock_owned()).await? {
            Some(place) => Ok(place),
            None => Err(engine.busy("a transaction inside this one stayed open", context)),
        }
    }

    async fn run_at_once<T: Send + 'static>(
        &self,
        engine: &Engine,
        context: Context<'_>,
        pace: Pace,
        job: impl FnOnce(&mut Connection) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let lease = self.lease.upgrade().ok_or(Error::TransactionLost)?.lock_owned().await;
        let abandoned = Arc::clone(&self.abandoned);
        let job = move |connection: &mut Connection| {
            if connection.is_autocommit() {
                return Err(Error::TransactionLost);
            }
            let undone = locked(&abandoned).take();
            if let Some(depth) = undone {
                undo_savepoint(connection, depth)?;
            }
            job(connection)
        };
        engine.run(lease, context, pace, job).await
    }
}

fn undo_savepoint(connection: &mut Connection, depth: u32) -> Result<()> {
    let sql = format!("ROLLBACK TO nested_{depth}; RELEASE nested_{depth}");
    connection.batch(&sql, Context::new(Operation::Execute, &sql))
}

impl Session {
    /// Opens a transaction; inside a transaction, a savepoint.
    ///
    /// The write lock is taken at once (`BEGIN IMMEDIATE`), so that the transaction never fails half-way because
    /// another one was faster. Writers wait for it in the order of their asking; readers of a file go on and see the
    /// state before it, while readers of a database in memory wait too.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`] when the lock does not come free within the busy timeout.
    pub async fn begin(&self) -> Result<Tx> {
        match self.transaction_link() {
            None => self.begin_outermost().await,
            Some(outer) => self.begin_nested(outer).await,
        }
    }

    async fn begin_outermost(&self) -> Result<Tx> {
        let lease = self.engine().lease(Access::Write, BEGIN).await?;
        let lease = Arc::new(Mutex::new(lease));
        let engine = self.engine();
        let held = Arc::clone(&lease).lock_owned().await;
        // A lock of another program is waited for on a thread that nothing else needs.
        if !engine.run(held, BEGIN, Pace::Short, |it| it.batch_at_once(BEGIN.subject, BEGIN)).await? {
            let held = Arc::clone(&lease).lock_owned().await;
            engine.run(held, BEGIN, Pace::Long, |it| it.batch(BEGIN.subject, BEGIN)).await?;
        }
        let link = TxLink { lease: Arc::downgrade(&lease), abandoned: Arc::default(), depth: 0, inner: Arc::default() };
        Ok(Tx { session: self.within(link.clone()), link, _lease: HeldLease(lease), _place: None, open: true })
    }

    async fn begin_nested(&self, outer: &TxLink) -> Result<Tx> {
        let depth = outer.depth + 1;
        let sql = format!("SAVEPOINT nested_{depth}");
        let place = outer.place(self.engine(), Context::new(Operation::Execute, &sql)).await?;
        let lease = outer.lease.upgrade().ok_or(Error::TransactionLost)?;
        outer
            .run_at_once(self.engine(), BEGIN, Pace::Short, move |connection| {
                connection.batch(&sql, Context::new(Operation::Execute, &sql))
            })
            .await?;
        let link = TxLink {
            lease: Weak::clone(&outer.lease),
            abandoned: Arc::clone(&outer.abandoned),
            depth,
            inner: Arc::default(),
        };
        Ok(Tx { session: self.within(link.clone()), link, _lease: HeldLease(lease), _place: Some(place), open: true })
    }

    /// Runs the closure in a transaction: commits when it returns `Ok`, rolls back when it returns `Err`, panics or is
    /// dropped. Inside a transaction it is a savepoint, and only the work of the closure is rolled back.
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
    pub async fn transaction<T, F>(&self, work: F) -> Result<T>
    where
        F: AsyncFnOnce(&Tx) -> Result<T>,
    {
        self.try_transaction(work).await
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
    pub async fn try_transaction<T, E, F>(&self, work: F) -> Result<T, E>
    where
        F: AsyncFnOnce(&Tx) -> Result<T, E>,
        E: From<Error>,
    {
        let tx = self.begin().await?;
        let value = work(&tx).await?;
        tx.commit().await?;
        Ok(value)
    }
}

impl Tx {
    /// Makes the work of the transaction permanent; of a savepoint, part of the transaction around it.
    ///
    /// # Errors
    ///
    /// When SQLite cannot commit, or [`Error::Busy`] when a transaction inside this one stays open; everything is
    /// rolled back then.
    pub async fn commit(mut self) -> Result<()> {
        let depth = self.link.depth;
        let sql = match depth {
            0 => "COMMIT".to_owned(),
            depth => format!("RELEASE nested_{depth}"),
        };
        let context = Context::new(Operation::Execute, &sql);
        let statement = sql.clone();
        self.link
            .run(self.session.engine(), context, Pace::Short, move |connection| {
                connection.batch(&statement, Context::new(Operation::Execute, &statement))
            })
            .await?;
        self.open = false;
        Ok(())
    }

    /// Undoes the work of the transaction or savepoint, as dropping it does, and waits until that is done.
    ///
    /// # Errors
    ///
    /// When SQLite cannot roll back.
    pub async fn rollback(mut self) -> Result<()> {
        let depth = self.link.depth;
        self.link
            .run_at_once(self.session.engine(), ROLLBACK, Pace::Short, move |connection| match depth {
                0 => connection.batch(ROLLBACK.subject, ROLLBACK),
                depth => undo_savepoint(connection, depth),
            })
            .await?;
        self.open = false;
        Ok(())
    }
}

impl Deref for Tx {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.session
    }
}

/// The outermost transaction is rolled back when its lease is dropped, after a job that still runs.
impl Drop for Tx {
    fn drop(&mut self) {
        if self.open && self.link.depth > 0 {
            let mut abandoned = locked(&self.link.abandoned);
            let depth = abandoned.map_or(self.link.depth, |known| known.min(self.link.depth));
            *abandoned = Some(depth);
        }
    }
}
