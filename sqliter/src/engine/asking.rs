//! Asking a lane for a connection, or for all of them, and giving them back.

use std::borrow::Borrow;
use std::panic::Location;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Instant;

use super::Connection;
use super::counts::Since;
use super::holders::What;
use super::lane::Lane;
use super::queue::{Asked, Offer, Taking, Wish};
use super::queued::Queued;
use crate::error::{Context, Error, Result};

/// A connection that goes back to its lane when this is dropped.
pub(crate) struct Returned<L: Borrow<Arc<Lane>> = Arc<Lane>> {
    pub(super) connection: Option<Box<Connection>>,
    pub(super) lane: L,
}

impl<L: Borrow<Arc<Lane>>> Drop for Returned<L> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.lane.borrow().give_back(connection);
        }
    }
}

impl Returned {
    /// The connection does not go back.
    pub(super) fn keep(mut self) -> Option<Box<Connection>> {
        self.connection.take()
    }
}

/// All connections of a lane, which go back when this is dropped.
pub(super) struct All {
    connections: Vec<Box<Connection>>,
    /// How many do not go back.
    kept: usize,
    lane: Arc<Lane>,
}

impl All {
    /// The connections do not go back. The lane opens others when this is dropped.
    pub(super) fn keep(&mut self) -> Vec<Box<Connection>> {
        self.kept += self.connections.len();
        std::mem::take(&mut self.connections)
    }
}

impl Drop for All {
    fn drop(&mut self) {
        self.lane.give_all_back(std::mem::take(&mut self.connections), self.kept);
    }
}

/// Whether one connection is wanted, or all.
struct Form<C> {
    wish: fn(Arc<Offer<C>>) -> Wish<Box<Connection>, Queued>,
    of_one: fn(Box<Connection>) -> C,
    give_back: fn(&Arc<Lane>, C),
    /// Whether others wait behind it while connections are idle.
    stops_others: bool,
}

const ONE: Form<Box<Connection>> =
    Form { wish: Wish::One, of_one: |one| one, give_back: |lane, one| lane.give_back(one), stops_others: false };
const ALL: Form<Vec<Box<Connection>>> = Form {
    wish: Wish::All,
    of_one: |one| vec![one],
    give_back: |lane, all| lane.give_all_back(all, 0),
    stops_others: true,
};

/// Waits until something is offered, and takes it.
struct Asking<'a, C: 'static> {
    lane: &'a Arc<Lane>,
    offer: Arc<Offer<C>>,
    form: &'static Form<C>,
    has_asked: bool,
    /// Where it stood in the queue last.
    number: Option<u64>,
}

impl<C> Future for Asking<'_, C> {
    type Output = Result<C>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut std::task::Context<'_>) -> Poll<Self::Output> {
        loop {
            match self.offer.poll(cx.waker()) {
                Taking::Taken(taken) => return Poll::Ready(Ok(taken)),
                Taking::Failed(error) => return Poll::Ready(Err(error)),
                Taking::Waits if self.has_asked => return Poll::Pending,
                Taking::Waits | Taking::AskAgain => {}
            }
            self.has_asked = true;
            match self.lane.queue.ask((self.form.wish)(Arc::clone(&self.offer))) {
                Asked::Here(connection, _) => return Poll::Ready(Ok((self.form.of_one)(connection))),
                Asked::Waits(number) => self.number = Some(number),
                Asked::Opens(number) => {
                    self.number = Some(number);
                    self.lane.open();
                }
                Asked::Refused(_) => return Poll::Ready(Err(Error::TransactionEnded)),
            }
        }
    }
}

impl<C> Drop for Asking<'_, C> {
    fn drop(&mut self) {
        if let Some(offered) = self.offer.give_up() {
            (self.form.give_back)(self.lane, offered);
        }
        // It stands there no more when it was taken.
        self.number.into_iter().for_each(|number| self.lane.queue.give_up(number));
        if self.form.stops_others {
            self.lane.sweep();
        }
    }
}

impl Lane {
    /// A connection for as long as the caller wants it.
    pub(super) async fn one(self: &Arc<Self>, context: Context<'_>) -> Result<Returned> {
        let returned = |connection| Returned { connection: Some(connection), lane: Arc::clone(self) };
        if let Some(connection) = self.queue.take() {
            return Ok(returned(connection));
        }
        self.check_outside(context)?;
        let asking = self.asking(&ONE);
        let (offer, asked) = (Arc::clone(&asking.offer), Since::now());
        match self.turn(context, asking).await {
            Some(connection) => {
                self.has_its_turn(Some(asked));
                connection.map(returned)
            }
            None => Err(self.timed_out(context, offer.taken_back())),
        }
    }

    /// All connections, once nobody uses them.
    pub(super) async fn all(self: &Arc<Self>) -> Result<All> {
        let connections = self.asking(&ALL).await?;
        Ok(All { connections, kept: 0, lane: Arc::clone(self) })
    }

    fn asking<C>(self: &Arc<Self>, form: &'static Form<C>) -> Asking<'_, C> {
        Asking { lane: self, offer: Offer::new(), form, has_asked: false, number: None }
    }
}

/// The connection of a transaction. When this is dropped, it is rolled back and goes back, after a job that still runs.
pub(crate) struct TransactionLane(Arc<Lane>);

impl std::fmt::Debug for TransactionLane {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TransactionLane")
    }
}

impl TransactionLane {
    /// Waits for the connection; its transaction is not begun yet.
    pub(crate) async fn open(home: &Arc<Lane>, context: Context<'_>, at: &'static Location<'static>) -> Result<Self> {
        Self::of(home, context, What::Transaction(at)).await
    }

    /// The same for a snapshot.
    pub(crate) async fn open_snapshot(
        home: &Arc<Lane>,
        context: Context<'_>,
        at: &'static Location<'static>,
    ) -> Result<Self> {
        Self::of(home, context, What::Snapshot(at)).await
    }

    /// The same for a backup.
    pub(crate) async fn open_backup(
        home: &Arc<Lane>,
        context: Context<'_>,
        at: &'static Location<'static>,
    ) -> Result<Self> {
        Self::of(home, context, What::Backup(at)).await
    }

    async fn of(home: &Arc<Lane>, context: Context<'_>, what: What) -> Result<Self> {
        let asked = Instant::now();
        let connection = home.one(context).await?.keep();
        Ok(Self(Lane::of_transaction(home, what, asked, connection)))
    }

    pub(crate) const fn lane(&self) -> &Arc<Lane> {
        &self.0
    }
}

impl Drop for TransactionLane {
    fn drop(&mut self) {
        self.0.end();
    }
}
