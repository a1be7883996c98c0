//! The connections of one role, with all that works for them.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use super::alarms::Alarms;
use super::busy::{LockedOut, Waiting};
use super::counts::Since;
use super::holders::{Holders, Number, What};
use super::limits::Stopped;
use super::log::Caller;
use super::long_texts::LongTexts;
use super::open::Opener;
use super::queue::{Need, Next, Offered, Queue, Wish};
use super::queued::Queued;
use super::savepoints::{Level, Savepoints};
use super::threads::Threads;
use super::{Connection, locked};

/// For how long a connection is offered to the future of a transaction.
const OFFERED: Duration = Duration::from_millis(15);

/// How often what was not taken in time is offered for twice as long the next time. A future that is leaked, or is not polled at
/// all, does not ask again; one that does is polled late, by a runtime that has other things to do.
const TIMES_LONGER: u32 = 6;

/// What the lanes of a database share.
pub(super) struct Hands {
    pub(super) opener: Opener,
    pub(super) threads: Threads,
    pub(super) alarms: Alarms,
    pub(super) long: LongTexts,
    pub(super) queue_timeout: Duration,
    pub(super) connected: AtomicBool,
    /// Held while connections are closed.
    pub(super) closing: Mutex<()>,
}

/// The connections of one role: those that read, the one that writes, or that of a transaction.
///
/// A database in memory has one lane with one connection for everything.
pub(crate) struct Lane {
    pub(super) queue: Queue<Box<Connection>, Queued>,
    pub(super) role: Role,
    pub(super) hands: Arc<Hands>,
    pub(super) holders: Holders,
    /// How many connections are being opened.
    opening: AtomicUsize,
    /// The lock of others that the last job has waited for in vain.
    locked_out: Mutex<Option<LockedOut>>,
}

pub(super) enum Role {
    Readers(Many),
    Writer,
    /// The connection comes from another lane, and goes back there.
    Transaction {
        home: Arc<Lane>,
        /// What it is there.
        holder: Number,
        /// When it was asked for.
        asked: Instant,
        savepoints: Mutex<Savepoints>,
        /// Why SQLite has rolled it back.
        lost: Mutex<Option<String>>,
        /// Whether it is over, so that nothing of it is spared.
        is_over: Arc<AtomicBool>,
    },
}

/// Several connections that are alike.
pub(super) struct Many {
    /// How many there are at most.
    pub(super) most: usize,
    /// What they are for: `reads` or `streams`.
    pub(super) of: &'static str,
}

impl Lane {
    /// Whoever had to wait for the writer has it.
    pub(super) fn has_its_turn(&self, since: Option<Since>) {
        if let (Some(since), Role::Writer) = (since, &self.role) {
            self.hands.opener.counts().has_waited(since);
        }
    }

    pub(super) fn new(most: usize, idle: Vec<Box<Connection>>, role: Role, hands: Arc<Hands>) -> Arc<Self> {
        Arc::new(Self {
            queue: Queue::new(most, idle),
            role,
            hands,
            holders: Holders::default(),
            opening: AtomicUsize::new(0),
            locked_out: Mutex::default(),
        })
    }

    /// The lane of a transaction, with its connection.
    pub(super) fn of_transaction(
        home: &Arc<Self>,
        what: What,
        asked: Instant,
        connection: Option<Box<Connection>>,
    ) -> Arc<Self> {
        let role = Role::Transaction {
            home: Arc::clone(home),
            holder: home.holders.hold(what),
            asked,
            savepoints: Mutex::default(),
            lost: Mutex::default(),
            is_over: Arc::default(),
        };
        Self::new(1, Vec::from_iter(connection), role, Arc::clone(&home.hands))
    }

    /// Gives a connection back to those who wait, or lays it down.
    pub(super) fn give_back(self: &Arc<Self>, mut connection: Box<Connection>) {
        if self.is_transaction() {
            return self.see_to(self.queue.give_back(connection));
        }
        if connection.has_changed_much() && !is_engine_thread() {
            let lane = Arc::clone(self);
            return self.hands.threads.run(Box::new(move || lane.give_back(connection)));
        }
        match connection.abandon() {
            Ok(()) => self.see_to(self.queue.give_back(connection)),
            // A connection that cannot roll back is given up; the next job opens another.
            Err(_) => {
                self.hands.close_unused(vec![connection]);
                self.lose(1);
            }
        }
    }

    /// So many connections are not there any more.
    pub(super) fn lose(self: &Arc<Self>, connections: usize) {
        self.see_to_need(self.queue.lose(connections));
    }

    fn see_to_need(self: &Arc<Self>, need: Need<Box<Connection>>) {
        if let Some(offered) = need.offered {
            self.watch(offered);
        }
        if need.opens {
            self.open();
        }
    }

    pub(super) fn see_to(self: &Arc<Self>, next: Next<Box<Connection>, Queued>) {
        match next {
            Next::Rests => {}
            Next::Jobs(connection, jobs) => self.start(connection, jobs),
            Next::Offered(offered) => self.watch(offered),
            Next::Ended(connection) => match &self.role {
                Role::Transaction { home, holder, .. } => {
                    home.holders.let_go(*holder);
                    home.give_back(connection);
                }
                Role::Readers(_) | Role::Writer => self.hands.close_unused(vec![connection]),
            },
        }
    }

    /// Takes back what is not taken in time.
    fn watch(self: &Arc<Self>, offered: Offered<Box<Connection>>) {
        let lane = Arc::clone(self);
        let time = |taken_back: u32| OFFERED * 2_u32.pow(taken_back.min(TIMES_LONGER));
        match offered {
            Offered::One(offer) => {
                let time = time(offer.taken_back());
                let late = Arc::clone(&offer);
                let take_back = move || late.take_back().into_iter().for_each(|connection| lane.give_back(connection));
                if let Some(alarm) = self.hands.alarms.after(time, take_back) {
                    offer.limit(Box::new(alarm));
                }
            }
            Offered::All(offer) => {
                let time = time(offer.taken_back());
                let late = Arc::clone(&offer);
                let take_back = move || late.take_back().into_iter().for_each(|all| lane.give_all_back(all, 0));
                if let Some(alarm) = self.hands.alarms.after(time, take_back) {
                    offer.limit(Box::new(alarm));
                }
            }
        }
    }

    /// Gives back what one had, or was offered, who wanted all connections; so many are not there any more.
    pub(super) fn give_all_back(self: &Arc<Self>, connections: impl IntoIterator<Item = Box<Connection>>, lost: usize) {
        connections.into_iter().for_each(|connection| self.give_back(connection));
        self.lose(lost);
        self.see_to_need(self.queue.all_are_back());
    }

    /// Opens another connection on a thread, for those who wait.
    pub(super) fn open(self: &Arc<Self>) {
        let (lane, caller) = (Arc::clone(self), Caller::here());
        self.opening.fetch_add(1, Ordering::AcqRel);
        self.hands.threads.run(Box::new(move || {
            let opened = caller.run(|| lane.hands.connect());
            lane.opening.fetch_sub(1, Ordering::AcqRel);
            match opened {
                Ok(connection) => lane.give_back(Box::new(connection)),
                Err(error) => {
                    let (failed, need) = lane.queue.fail_to_open();
                    match failed {
                        Some(Wish::Job(queued)) => queued.answer(Ok(Err(error))),
                        Some(Wish::One(offer)) => offer.fail(error),
                        Some(Wish::All(_)) | None => {}
                    }
                    lane.see_to_need(need);
                }
            }
        }));
    }

    /// Whether a connection is being opened.
    pub(super) fn is_opening(&self) -> bool {
        self.opening.load(Ordering::Acquire) > 0
    }

    /// How a job that was asked for then waits for a lock of others: the time in which others before it have waited for that lock
    /// in vain counts as its own.
    pub(super) fn waiting(&self, asked: Instant) -> Waiting {
        self.hands.opener.waiting().behind(locked(&self.locked_out).map(|lock| lock.of_job(asked)))
    }

    /// What a job has come to that waited so.
    pub(super) fn has_waited(&self, stopped: Stopped) {
        *locked(&self.locked_out) = stopped.locked_out;
    }

    /// Somebody who wanted all connections does not any more: whoever waited behind goes on.
    pub(super) fn sweep(self: &Arc<Self>) {
        loop {
            let (idle, need) = self.queue.sweep();
            self.see_to_need(need);
            let Some(connection) = idle else { return };
            self.see_to(self.queue.give_back(connection));
        }
    }

    /// Whether somebody waits for a connection.
    pub(crate) fn is_waited_for(&self) -> bool {
        self.queue.is_waited_for()
    }

    /// Whether the transaction that runs here is over, or this one inside it. Its jobs may still run.
    pub(crate) fn is_over(&self, level: Level) -> bool {
        match &self.role {
            Role::Transaction { is_over, savepoints, .. } => {
                is_over.load(Ordering::Relaxed) || locked(savepoints).without_savepoint(level).is_none()
            }
            Role::Readers(_) | Role::Writer => false,
        }
    }

    pub(super) const fn is_transaction(&self) -> bool {
        matches!(self.role, Role::Transaction { .. })
    }

    /// How many connections there are at most.
    pub(super) const fn most(&self) -> usize {
        match &self.role {
            Role::Readers(many) => many.most,
            Role::Writer | Role::Transaction { .. } => 1,
        }
    }

    /// Ends the lane of a transaction: its connection goes back where it came from, after a job that still runs.
    pub(super) fn end(self: &Arc<Self>) {
        if let Role::Transaction { is_over, .. } = &self.role {
            is_over.store(true, Ordering::Relaxed);
        }
        match self.queue.end() {
            idle if self.is_transaction() => {
                idle.into_iter().for_each(|connection| self.see_to(Next::Ended(connection)));
            }
            idle => self.hands.close_unused(idle),
        }
    }
}

/// Whether this is a thread of the engine.
fn is_engine_thread() -> bool {
    thread::current().name() == Some("sqliter-engine")
}
