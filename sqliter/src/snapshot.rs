//! Reads that see one moment.

use std::ops::Deref;
use std::panic::Location;
use std::sync::Arc;

use crate::engine::{Access, Connection, Inside, Kind, TransactionLane, inside};
use crate::error::{Context, Error, Operation, Result};
use crate::session::{InnerTurn, Pending, Session, TxLink};

/// Reads that belong together, from [`Session::begin_read`] or [`Session::snapshot`]: all of them see the database as it was when
/// the snapshot was begun, whatever others write meanwhile.
///
/// It derefs to [`Session`]: everything that reads runs inside it. What writes is an
/// [`Error::SnapshotReads`](crate::Error::SnapshotReads) when it is awaited, since a function that takes a `&Session` is the same
/// for all of them. It ends when it is dropped.
///
/// It holds no lock that a writer waits for, but one of the [readers](crate::DbOptions::max_readers); in memory that is the
/// only connection, for which everybody waits.
///
/// As long as a snapshot is open, SQLite cannot move what is written later from the
/// [write-ahead log](https://www.sqlite.org/wal.html#ckpt) into the database file, nor restart the log: it grows with every
/// write. So a snapshot is for work that ends soon.
#[derive(Debug)]
#[must_use = "a snapshot ends when it is dropped"]
pub struct Snapshot {
    session: Session,
    /// What gives the connection back when it ends, whoever still has a clone of its session.
    _lane: Arc<TransactionLane>,
    /// Inside a transaction, keeps its other statements waiting.
    turn: Option<InnerTurn>,
}

impl Deref for Snapshot {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.session
    }
}

const SNAPSHOT: &str = "snapshot";
const BEGIN: Context<'static> = Context::new(Operation::Execute, "BEGIN");

impl Session {
    /// Begins a snapshot of the database as it is now. Inside a transaction or a snapshot it is a part of that one, which
    /// waits with its own statements until this one ends.
    ///
    /// ```
    /// # use sqliter::prelude::*;
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Book { pk: Key<Book>, title: String }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let folder = std::env::temp_dir().join(format!("sqliter-begin-read-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder).unwrap();
    /// # let db = Db::open(folder.join("library.db")).await?;
    /// # db.create_table::<Book>().await?;
    /// let snapshot = db.begin_read().await?;
    /// db.insert(Book::builder().title("Emma")).await?;
    /// assert_eq!(snapshot.select::<Book>().count().await?, 0);
    /// drop(snapshot);
    /// assert_eq!(db.select::<Book>().count().await?, 1);
    /// # db.close().await?;
    /// # std::fs::remove_dir_all(&folder).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::QueueTimeout`] when no reader becomes free within the time limit; it names the snapshot that has held one for
    /// the longest time.
    #[track_caller]
    pub fn begin_read(&self) -> Pending<'_, Snapshot> {
        let at = Location::caller();
        Box::pin(self.begin_read_at(at))
    }

    async fn begin_read_at(&self, at: &'static Location<'static>) -> Result<Snapshot> {
        if let Some(outer) = self.transaction_link() {
            let turn = outer.inner_turn(self.engine(), self.limited(BEGIN), SNAPSHOT, at).await?;
            let lane = outer.transaction()?;
            return Ok(Snapshot { session: self.within(outer.reading()), _lane: lane, turn: Some(turn) });
        }
        let context = self.limited(BEGIN);
        let lane = Arc::new(TransactionLane::open_snapshot(self.engine().lane(Access::Read), context, at).await?);
        let link = TxLink::outermost(&lane, true);
        link.control(Kind::BEGIN_READ, context, begin).await?;
        Ok(Snapshot { session: self.within(link), _lane: lane, turn: None })
    }

    /// Runs the closure in a snapshot: all its reads see the database as it is now. It is written `async |s| { … }`, and its
    /// error is [`Error`]; closures that have errors of the program's own are for [`try_snapshot`](Self::try_snapshot).
    ///
    /// ```
    /// # use sqliter::prelude::*;
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Book { pk: Key<Book>, title: String }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_table::<Book>().await?;
    /// let (total, page) = db
    ///     .snapshot(async |s| {
    ///         let books = s.select::<Book>().order(|b| b.title.asc());
    ///         Ok((books.clone().count().await?, books.limit(20).fetch_all().await?))
    ///     })
    ///     .await?;
    /// assert_eq!((total, page), (0, vec![]));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// That of the closure, or of [`begin_read`](Self::begin_read). If the snapshots around the closure have all readers, a
    /// call on the database itself is [`Error::InsideTransaction`] at once, since it would wait for their end.
    #[track_caller]
    pub fn snapshot<T, F>(&self, work: F) -> impl Future<Output = Result<T>>
    where
        F: AsyncFnOnce(&Snapshot) -> Result<T>,
    {
        self.snapshot_at(Location::caller(), work)
    }

    /// As [`snapshot`](Self::snapshot), for closures with an error type of the program's own.
    ///
    /// # Errors
    ///
    /// That of the closure, or of [`begin_read`](Self::begin_read).
    #[track_caller]
    pub fn try_snapshot<T, E, F>(&self, work: F) -> impl Future<Output = Result<T, E>>
    where
        F: AsyncFnOnce(&Snapshot) -> Result<T, E>,
        E: From<Error>,
    {
        self.snapshot_at(Location::caller(), work)
    }

    async fn snapshot_at<T, E, F>(&self, at: &'static Location<'static>, work: F) -> Result<T, E>
    where
        F: AsyncFnOnce(&Snapshot) -> Result<T, E>,
        E: From<Error>,
    {
        let snapshot = self.begin_read_at(at).await?;
        let turn = snapshot.turn.as_ref().map(InnerTurn::number);
        inside(&snapshot._lane, turn, Inside { kind: SNAPSHOT, at }, work(&snapshot)).await
    }
}

/// SQLite fixes what a transaction sees when it reads first. May run twice, if it meets a lock.
fn begin(connection: &mut Connection) -> Result<()> {
    if connection.is_autocommit() {
        connection.batch(BEGIN.subject, BEGIN)?;
    }
    connection.touch(BEGIN)
}
