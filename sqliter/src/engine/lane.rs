//! The connections of one role, with all that works for them.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::alarms::Alarms;
use super::busy::{LockedOut, Waiting};
use super::cancellation::Ticket;
use super::contained::contained;
use super::holders::{Holders, Number, What};
use super::job::{Access, Job, Kind};
use super::limits::Stopped;
use super::log::{Caller, Frame};
use super::long_texts::LongTexts;
use super::open::Opener;
use super::queue::{Need, Next, Offered, Queue, Waits, Wish};
use super::savepoints::{Level, Savepoints};
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

/// A job for a thread of the engine, and who waits for it.
pub(super) struct Queued {
    pub(super) job: Box<dyn Job>,
    pub(super) kind: Kind,
    pub(super) context: Context<'static>,
    pub(super) frame: Frame,
    pub(super) ticket: Arc<Ticket>,
    /// When it was asked for.
    pub(super) asked: Instant,
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
        let Self { mut job, reply, .. } = self;
        contained(|| job.has_run());
        contained(|| {
            if let Err((job, ended)) = reply.send((job, ended)) {
                contained(|| drop(job));
                drop(ended);
            }
        });
    }
}

impl Lane {
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

    fn see_to(self: &Arc<Self>, next: Next<Box<Connection>, Queued>) {
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

    /// Runs jobs on a thread, and then those who wait. Without a job, the log is moved into the database file.
    pub(super) fn start(self: &Arc<Self>, connection: Box<Connection>, jobs: Vec<Queued>) {
        let lane = Arc::clone(self);
        self.hands.threads.run(Box::new(move || lane.work(connection, jobs)));
    }

    fn work(self: &Arc<Self>, connection: Box<Connection>, mut jobs: Vec<Queued>) {
        let mut held = Held { connection: Some(connection), holder: None, lane: self };
        while let Some(connection) = held.connection.as_deref_mut() {
            let mut answer = match jobs.pop() {
                Some(single) if jobs.is_empty() => {
                    let what = match single.kind.access {
                        Access::Stream => What::Stream(single.context),
                        Access::Read | Access::Write => What::Job(single.context),
                    };
                    held.holder = Some(self.holders.hold(what));
                    run::alone(self, connection, single)
                }
                Some(last) => {
                    jobs.push(last);
                    shared_commit::run_together(self, connection, jobs);
                    None
                }
                None => {
                    connection.checkpoint();
                    None
                }
            };
            held.holder.take().into_iter().for_each(|holder| self.holders.let_go(holder));
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

    /// The turn did not come within the time limit. It was offered the connection so often and did not take it.
    pub(super) fn timed_out(&self, context: Context<'_>, offered: u32) -> Error {
        if let Some(late) = context.late() {
            return late;
        }
        let holder = self.holders.first().map(|holder| (holder.what.to_string(), holder.since.elapsed()));
        let reason = match (&holder, &self.role) {
            _ if offered > 0 => Some(format!(
                "the connection was offered to it {}, and its future was not polled in time to take it, as if something \
                keeps the thread of its runtime",
                times(offered)
            )),
            (_, Role::Readers(Many { most, of })) if *most > 1 => {
                let first = holder.as_ref().map(|(what, held)| format!("; {what} has had one of them for {held:.1?}"));
                Some(format!("all {most} connections for {of} are in use{}", first.unwrap_or_default()))
            }
            (Some((what, held)), _) => Some(format!("{what} has had the connection for {held:.1?}")),
            (None, Role::Readers(Many { of, .. })) => Some(format!("the connection for {of} is in use")),
            (None, Role::Writer | Role::Transaction { .. }) => None,
        };
        let (holder, held) = holder.unzip();
        let (operation, table) = (context.operation, context.subject.to_owned());
        Error::QueueTimeout { operation, table, limit: self.hands.queue_timeout, holder, held, reason }
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

/// A connection at work, which is not lost to its lane whatever happens there.
struct Held<'l> {
    connection: Option<Box<Connection>>,
    holder: Option<Number>,
    lane: &'l Arc<Lane>,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.holder.take().into_iter().for_each(|holder| self.lane.holders.let_go(holder));
        if let Some(connection) = self.connection.take() {
            self.lane.give_back(connection);
        }
    }
}

fn times(number: u32) -> String {
    if number == 1 { "once".to_owned() } else { format!("{number} times") }
}

/// Whether this is a thread of the engine.
fn is_engine_thread() -> bool {
    thread::current().name() == Some("sqliter-engine")
}
