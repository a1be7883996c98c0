//! The connections of one role, with all that works for them.

use std::panic::Location;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::alarms::Alarms;
use super::cancellation::Ticket;
use super::contained::contained;
use super::job::{Job, Kind, Pace};
use super::log::{Caller, Frame};
use super::open::Opener;
use super::queue::{Need, Next, Offered, Queue, Waits, Wish};
use super::savepoints::Savepoints;
use super::threads::Threads;
use super::{Connection, locked, run, shared_commit};
use crate::error::{Context, Error, Result};

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
}

/// The connections of one role: those that read, the one that writes, or that of a transaction.
///
/// A database in memory has one lane with one connection for everything.
pub(crate) struct Lane {
    pub(super) queue: Queue<Box<Connection>, Queued>,
    pub(super) role: Role,
    pub(super) hands: Arc<Hands>,
    /// Who has the connection, where that is worth telling.
    holder: Mutex<Option<Holder>>,
}

pub(super) enum Role {
    Readers(usize),
    Writer,
    /// The connection comes from another lane, and goes back there.
    Transaction {
        home: Arc<Lane>,
        savepoints: Mutex<Savepoints>,
        /// Why SQLite has rolled it back.
        lost: Mutex<Option<String>>,
        /// Whether it is over, so that nothing of it is spared.
        is_over: Arc<AtomicBool>,
    },
}

/// Who has a connection, and since when.
#[derive(Debug, Clone, Copy)]
struct Holder {
    what: What,
    since: Instant,
}

#[derive(Debug, Clone, Copy)]
enum What {
    Transaction(&'static Location<'static>),
    Job(Context<'static>),
}

/// A job for a thread of the engine, and who waits for it.
pub(super) struct Queued {
    pub(super) job: Box<dyn Job>,
    pub(super) kind: Kind,
    pub(super) context: Context<'static>,
    pub(super) frame: Frame,
    pub(super) ticket: Arc<Ticket>,
    /// Whether it runs in a transaction with others that wait.
    pub(super) joins: bool,
    pub(super) reply: oneshot::Sender<Answer>,
}

/// A job that has run, and how it ended: with a panic, an error, or a result inside the job.
pub(super) type Answer = (Box<dyn Job>, thread::Result<Result<()>>);

impl Waits for Queued {
    fn is_wanted(&self) -> bool {
        !self.ticket.is_cancelled()
    }

    fn joins(&self) -> bool {
        self.joins
    }
}

impl Queued {
    fn tell((queued, ended): (Self, thread::Result<Result<()>>)) {
        queued.answer(ended);
    }

    /// Whoever waited may have gone in the meantime: then what is the user's is dropped here.
    pub(super) fn answer(self, ended: thread::Result<Result<()>>) {
        let Self { job, reply, .. } = self;
        contained(|| {
            if let Err((job, ended)) = reply.send((job, ended)) {
                contained(|| drop(job));
                drop(ended);
            }
        });
    }
}

/// The texts of statements that took too long for a thread of the program.
///
/// There is room for so many; a text may be forgotten for another one, and is found to be long again then.
pub(super) struct LongTexts(Box<[AtomicU64]>);

impl Default for LongTexts {
    fn default() -> Self {
        const ROOM: usize = 1024;
        Self((0..ROOM).map(|_| AtomicU64::new(0)).collect())
    }
}

impl LongTexts {
    fn entry(&self, fingerprint: u64) -> Option<&AtomicU64> {
        self.0.get(usize::try_from(fingerprint % self.0.len() as u64).ok()?)
    }

    pub(super) fn remember(&self, pace: Pace) {
        if let Pace::Measured(fingerprint) = pace
            && let Some(entry) = self.entry(fingerprint)
        {
            entry.store(fingerprint, Ordering::Relaxed);
        }
    }

    pub(super) fn forget(&self, pace: Pace) {
        if let Pace::Measured(fingerprint) = pace
            && let Some(entry) = self.entry(fingerprint)
        {
            // Another text may stand there by now.
            let _ = entry.compare_exchange(fingerprint, 0, Ordering::Relaxed, Ordering::Relaxed);
        }
    }

    pub(super) fn has(&self, fingerprint: u64) -> bool {
        self.entry(fingerprint).is_some_and(|entry| entry.load(Ordering::Relaxed) == fingerprint)
    }
}

impl Lane {
    pub(super) fn new(most: usize, idle: Vec<Box<Connection>>, role: Role, hands: Arc<Hands>) -> Arc<Self> {
        Arc::new(Self { queue: Queue::new(most, idle), role, hands, holder: Mutex::default() })
    }

    /// The lane of a transaction, with its connection.
    pub(super) fn of_transaction(home: &Arc<Self>, connection: Option<Box<Connection>>) -> Arc<Self> {
        let role = Role::Transaction {
            home: Arc::clone(home),
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
                drop(connection);
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

    fn see_to(self: &Arc<Self>, next: Next<Box<Connection>, Queued>) {
        match next {
            Next::Rests => {}
            Next::Jobs(connection, jobs) => self.start(connection, jobs),
            Next::Offered(offered) => self.watch(offered),
            Next::Ended(connection) => match &self.role {
                Role::Transaction { home, .. } => {
                    home.set_holder(None);
                    home.give_back(connection);
                }
                Role::Readers(_) | Role::Writer => drop(connection),
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
        self.hands.threads.run(Box::new(move || match caller.run(|| lane.hands.connect()) {
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
        }));
    }

    /// Runs jobs on a thread, and then those who wait. Without a job, the log is moved into the database file.
    pub(super) fn start(self: &Arc<Self>, connection: Box<Connection>, jobs: Vec<Queued>) {
        let lane = Arc::clone(self);
        self.hands.threads.run(Box::new(move || lane.work(connection, jobs)));
    }

    fn work(self: &Arc<Self>, connection: Box<Connection>, mut jobs: Vec<Queued>) {
        let mut held = Held { connection: Some(connection), lane: self };
        while let Some(connection) = held.connection.as_deref_mut() {
            let mut answer = match jobs.pop() {
                Some(single) if jobs.is_empty() => {
                    self.set_holder(Some(What::Job(single.context)));
                    run::alone(self, connection, single)
                }
                Some(last) => {
                    self.set_holder(None);
                    jobs.push(last);
                    shared_commit::run_together(self, connection, jobs);
                    None
                }
                None => {
                    connection.checkpoint();
                    None
                }
            };
            self.set_holder(None);
            let usable = self.is_transaction() || connection.abandon().is_ok();
            connection.tell_count();
            if usable && connection.needs_checkpoint() {
                answer.take().into_iter().for_each(Queued::tell);
                connection.checkpoint();
            }
            let Some(connection) = held.connection.take() else { return };
            if !usable {
                drop(connection);
                answer.into_iter().for_each(Queued::tell);
                return self.lose(1);
            }
            // Whoever is answered, and asks at once for the next, shall find the connection.
            let next = self.queue.give_back(connection);
            answer.into_iter().for_each(Queued::tell);
            match next {
                Next::Jobs(same, more) => {
                    held.connection = Some(same);
                    jobs = more;
                }
                other @ (Next::Rests | Next::Offered(_) | Next::Ended(_)) => return self.see_to(other),
            }
        }
    }

    pub(super) const fn is_transaction(&self) -> bool {
        matches!(self.role, Role::Transaction { .. })
    }

    fn set_holder(&self, what: Option<What>) {
        *locked(&self.holder) = what.map(|what| Holder { what, since: Instant::now() });
    }

    /// A transaction that was begun there has the connection.
    pub(super) fn held_by_transaction(&self, at: &'static Location<'static>) {
        self.set_holder(Some(What::Transaction(at)));
    }

    /// The turn did not come within the time limit.
    pub(super) fn timed_out(&self, context: Context<'_>) -> Error {
        let holder = *locked(&self.holder);
        let (holder, held) = match (holder, &self.role) {
            (Some(Holder { what: What::Transaction(at), since }), _) => {
                (Some(format!("transaction begun at {at}")), Some(since.elapsed()))
            }
            (Some(Holder { what: What::Job(Context { operation, subject }), since }), _) => {
                (Some(format!("{operation} {subject}")), Some(since.elapsed()))
            }
            (None, Role::Readers(most)) => (Some(format!("reads, on all {most} connections for them")), None),
            (None, Role::Writer | Role::Transaction { .. }) => (None, None),
        };
        let (operation, table) = (context.operation, context.subject.to_owned());
        Error::QueueTimeout { operation, table, limit: self.hands.queue_timeout, holder, held }
    }

    /// Ends the lane of a transaction: its connection goes back where it came from, after a job that still runs.
    pub(super) fn end(self: &Arc<Self>) {
        if let Role::Transaction { is_over, .. } = &self.role {
            is_over.store(true, Ordering::Relaxed);
        }
        for connection in self.queue.end() {
            self.see_to(Next::Ended(connection));
        }
    }
}

/// A connection at work, which is not lost to its lane whatever happens there.
struct Held<'l> {
    connection: Option<Box<Connection>>,
    lane: &'l Arc<Lane>,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.lane.set_holder(None);
            self.lane.give_back(connection);
        }
    }
}

/// Whether this is a thread of the engine.
fn is_engine_thread() -> bool {
    thread::current().name() == Some("sqliter-engine")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_long_until_it_was_brief_on_a_thread() {
        let long = LongTexts::default();
        long.remember(Pace::Measured(7));
        long.remember(Pace::Short);
        assert!(long.has(7) && !long.has(8));
        // It would stand in the same entry, and leaves that of the other alone.
        long.forget(Pace::Measured(7 + 1024));
        assert!(long.has(7));
        long.forget(Pace::Measured(7));
        assert!(!long.has(7));
    }
}
