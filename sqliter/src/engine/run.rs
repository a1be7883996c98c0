//! Where a job runs.
//!
//! A short job runs at once, on the thread that polls its future, as any computation of a task does. What is not known to
//! be short is tried there with a budget, where it can be stopped without harm. Everything else, and what has spent its
//! budget, met a lock or read a large value, runs on a thread of the engine; its future may be dropped meanwhile.

use std::borrow::Borrow;
use std::panic::{AssertUnwindSafe, Location, catch_unwind, resume_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::Poll;
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::{OwnedMutexGuard, oneshot};

use super::cancellation::{CancelOnDrop, Ticket};
use super::contained::contained;
use super::counts::Since;
use super::holders::What;
use super::inside::Inside;
use super::job::{Access, Job, Kind, LentJob, Pace, Part};
use super::lane::{Answer, Lane, Queued, Role};
use super::limits::{BRIEF, ending_with, in_place, on_thread, regardless, sparing};
use super::log::Frame;
use super::queue::{Asked, Offer, Taking, Wish};
use super::savepoints::{Level, OUTERMOST};
use super::{Connection, inside, locked};
use crate::error::{Context, Error, Operation, Result, code};

/// What came of trying a job in place.
pub(crate) enum Attempt {
    Done(Result<()>),
    /// It has the connection, and needs a thread.
    NeedsThread(Returned),
    /// The connection is not free.
    Waits,
}

/// A connection that goes back to its lane when this is dropped.
pub(crate) struct Returned<L: Borrow<Arc<Lane>> = Arc<Lane>> {
    connection: Option<Box<Connection>>,
    lane: L,
}

impl<L: Borrow<Arc<Lane>>> Drop for Returned<L> {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.lane.borrow().give_back(connection);
        }
    }
}

/// How a job may run in place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Manner {
    /// Not at all.
    No,
    /// To its end.
    ToItsEnd,
    /// As long as it keeps within the budget.
    WithBudget,
}

impl Lane {
    /// Runs the job at once, where that keeps nobody waiting.
    pub(crate) fn attempt(
        self: &Arc<Self>,
        kind: Kind,
        context: Context<'static>,
        job: &mut dyn FnMut(&mut Connection) -> Result<()>,
    ) -> Attempt {
        let Some(taken) = self.queue.take() else { return Attempt::Waits };
        let mut held = Returned { connection: Some(taken), lane: Arc::clone(self) };
        let Some(connection) = held.connection.as_deref_mut() else { return Attempt::Waits };
        let manner = self.manner(kind, context.operation, connection);
        if manner == Manner::No {
            return Attempt::NeedsThread(held);
        }
        let operation = self.hands.opener.log().operation(context);
        let (result, ended) = in_place(manner == Manner::WithBudget, || {
            operation.run(|| {
                self.before(connection, kind)?;
                self.inside(connection, kind, job)
            })
        });
        if ended.is_spent {
            self.hands.long.remember(kind.pace);
        }
        // What was written has been committed, or the transaction was rolled back when it should have been.
        let has_ended = kind.part == Part::Ends && connection.is_autocommit();
        let is_done = kind.access == Access::Write && (result.is_ok() || has_ended);
        if ended.needs_thread && !is_done {
            connection.forget_count();
            return Attempt::NeedsThread(held);
        }
        connection.tell_count();
        match connection.needs_checkpoint() {
            true => {
                held.connection.take().into_iter().for_each(|connection| self.start(connection, Vec::new()));
            }
            false => drop(held),
        }
        Attempt::Done(result)
    }

    /// Reads at once, where a connection is free and nobody listens to statements. `None` when that cannot be: then nothing
    /// has been done.
    pub(crate) fn read_at_once(
        self: &Arc<Self>,
        kind: Kind,
        read: &mut dyn FnMut(&mut Connection) -> Option<Result<()>>,
    ) -> Option<Result<()>> {
        if self.hands.opener.log().is_wanted() {
            return None;
        }
        let mut held = Returned { connection: Some(self.queue.take()?), lane: self };
        let connection = held.connection.as_deref_mut()?;
        if self.undoes_much(kind, connection) {
            return None;
        }
        let (result, ended) = in_place(true, || match self.before(connection, kind) {
            Ok(()) => read(connection),
            Err(error) => Some(Err(error)),
        });
        if ended.needs_thread || result.is_none() {
            connection.forget_count();
            return None;
        }
        connection.tell_count();
        result
    }

    /// Whether much is undone before the job, or by it.
    fn undoes_much(&self, kind: Kind, connection: &Connection) -> bool {
        let Role::Transaction { savepoints, .. } = &self.role else { return false };
        connection.has_changed_much() && (kind.part == Part::Undoes || locked(savepoints).undone_from().is_some())
    }

    fn manner(&self, kind: Kind, operation: Operation, connection: &Connection) -> Manner {
        let is_writing_transaction = self.is_transaction() && kind.access == Access::Write;
        match kind.pace {
            Pace::Long => Manner::No,
            _ if kind.part == Part::Ends && connection.has_changed_much() => Manner::No,
            _ if self.undoes_much(kind, connection) => Manner::No,
            Pace::Short if kind.access == Access::Write && !connection.commits_at_once() => Manner::No,
            // SQLite would roll the whole transaction back.
            Pace::Measured(_) if is_writing_transaction => Manner::No,
            Pace::Measured(_) if kind.access == Access::Write && !connection.commits_at_once() => Manner::No,
            // Whoever listens hears of each statement once.
            Pace::Measured(_) if self.hands.opener.log().is_listened_to() => Manner::No,
            Pace::Measured(fingerprint) if self.hands.long.has(fingerprint) => Manner::No,
            _ if kind.access == Access::Write && kind.part == Part::Inside && connection.may_delete_long(operation) => {
                Manner::No
            }
            Pace::Measured(_) => Manner::WithBudget,
            // A statement that is stopped would undo the whole transaction.
            Pace::Short if is_writing_transaction && kind.part == Part::Inside => {
                if connection.may_write_many(operation) { Manner::No } else { Manner::ToItsEnd }
            }
            Pace::Short if is_writing_transaction => Manner::ToItsEnd,
            Pace::Short => Manner::WithBudget,
        }
    }

    /// What comes before each job of a transaction: those inside it that are over are undone, and the one that the job is in
    /// has its savepoint.
    fn before(&self, connection: &mut Connection, kind: Kind) -> Result<()> {
        let Role::Transaction { savepoints, lost, .. } = &self.role else { return Ok(()) };
        if kind.part == Part::Begins {
            return Ok(());
        }
        if connection.is_autocommit() {
            let reason = locked(lost).clone();
            return Err(reason.map_or(Error::TransactionEnded, |reason| Error::TransactionLost { reason }));
        }
        let undone = {
            let mut savepoints = locked(savepoints);
            if kind.level == OUTERMOST && savepoints.are_none() {
                return Ok(());
            }
            savepoints.undone_from()
        };
        if let Some(number) = undone {
            undo_savepoint(connection, number)?;
            locked(savepoints).gone_from(number);
        }
        let missing = locked(savepoints).without_savepoint(kind.level).ok_or(Error::TransactionEnded)?;
        for level in missing {
            let number = locked(savepoints).count() + 1;
            control(connection, &format!("SAVEPOINT nested_{number}"))?;
            locked(savepoints).has_begun(level);
        }
        let Some(number) = locked(savepoints).number(kind.level) else { return Ok(()) };
        match kind.part {
            Part::Keeps => control(connection, &format!("RELEASE nested_{number}"))?,
            Part::Undoes => undo_savepoint(connection, number)?,
            Part::Inside | Part::Begins | Part::Ends => return Ok(()),
        }
        locked(savepoints).gone_from(number);
        Ok(())
    }

    /// Runs a job, and remembers why when SQLite rolls the transaction back that it is in.
    fn inside(
        &self,
        connection: &mut Connection,
        kind: Kind,
        work: impl FnOnce(&mut Connection) -> Result<()>,
    ) -> Result<()> {
        let result = work(connection);
        if let (Err(error), Role::Transaction { lost, .. }) = (&result, &self.role)
            && kind.part == Part::Inside
            && connection.is_autocommit()
        {
            locked(lost).get_or_insert_with(|| error.to_string());
        }
        result
    }

    /// A transaction begins inside another one.
    pub(crate) fn begin_inside(&self, level: Level) -> Level {
        match &self.role {
            Role::Transaction { savepoints, .. } => locked(savepoints).begin(level),
            Role::Readers(_) | Role::Writer => OUTERMOST,
        }
    }

    /// A transaction inside another one is over. What was not kept is undone before the next job.
    pub(crate) fn end_inside(&self, level: Level) {
        if let Role::Transaction { savepoints, .. } = &self.role {
            locked(savepoints).end(level);
        }
    }

    /// Runs a job: at once where that keeps nobody waiting, else on a thread. Gives it back where it was taken from its caller.
    pub(crate) async fn run(
        self: &Arc<Self>,
        kind: Kind,
        context: Context<'static>,
        job: &mut (dyn LentJob + Send),
        turn: Option<OwnedMutexGuard<()>>,
    ) -> Result<Option<Box<dyn Job>>> {
        match self.attempt(kind, context, &mut |connection| job.run(connection)) {
            Attempt::Done(result) => result.map(|()| None),
            unfinished => self.finish(unfinished, kind, context, job.take()?, turn).await.map(Some),
        }
    }

    /// Brings a job to its end that could not run in place. Dropping the future stops the job at its next step. The turn
    /// in a transaction is needed until the job stands in its queue, which it does when this is polled first.
    async fn finish(
        self: &Arc<Self>,
        attempt: Attempt,
        kind: Kind,
        context: Context<'static>,
        job: Box<dyn Job>,
        turn: Option<OwnedMutexGuard<()>>,
    ) -> Result<Box<dyn Job>> {
        let (reply, mut answer) = oneshot::channel();
        let ticket = Arc::new(Ticket::default());
        let guard = CancelOnDrop(Arc::clone(&ticket));
        let frame = Frame::new(self.hands.opener.log(), context);
        let joins = self.joins(kind);
        let mut waits = Place { lane: self, number: None };
        let since = matches!(attempt, Attempt::Waits).then(Since::now);
        let asked = Instant::now();
        let queued = Queued { job, kind, context, frame, ticket: Arc::clone(&ticket), asked, since, joins, reply };
        match attempt {
            Attempt::Done(result) => return result.map(|()| queued.job),
            Attempt::NeedsThread(mut held) => {
                if let Some(connection) = held.connection.take() {
                    self.start(connection, vec![queued]);
                }
            }
            Attempt::Waits => {
                self.check_outside(context)?;
                match self.queue.ask(Wish::Job(queued)) {
                    Asked::Here(connection, Wish::Job(queued)) => self.start(connection, vec![queued]),
                    Asked::Here(connection, Wish::One(_) | Wish::All(_)) => self.give_back(connection),
                    Asked::Waits(number) => waits.number = Some(number),
                    Asked::Opens(number) => {
                        waits.number = Some(number);
                        self.open();
                    }
                    Asked::Refused(_) => return Err(Error::TransactionEnded),
                }
            }
        }
        // What comes next in the transaction runs after it.
        drop(turn);
        if waits.number.is_some() {
            let turn = self.turn(context, &mut answer).await;
            // One that runs waits for the locks of others only.
            match turn {
                Some(answer) => {
                    waits.number = None;
                    return told(answer.ok());
                }
                None if ticket.cancel_waiting() => return Err(self.timed_out(context, 0)),
                None => waits.number = None,
            }
        }
        let answer = match context.time_left() {
            None => answer.await,
            Some(left) => match self.hands.alarms.within(left, &mut answer).await {
                Some(answer) => answer,
                None => {
                    ticket.cancel();
                    // It may have come to its end all the same: what was committed is not reported as undone.
                    return told(answer.await.ok()).map_err(|error| match is_stopped(&error) {
                        true => context.late().unwrap_or(error),
                        false => error,
                    });
                }
            },
        };
        drop(guard);
        told(answer.ok())
    }

    fn joins(&self, kind: Kind) -> bool {
        let is_short = match kind.pace {
            Pace::Short => true,
            Pace::Measured(fingerprint) => !self.hands.long.has(fingerprint),
            Pace::Long => false,
        };
        // In memory a commit costs nothing.
        kind.shares && is_short && matches!(self.role, Role::Writer) && !self.hands.opener.location().is_memory()
    }

    /// Waits for a turn, or `None` when the time for that is over. The time that it takes to open a connection counts for the
    /// time limit of the call alone.
    async fn turn<F: Future>(&self, context: Context<'_>, future: F) -> Option<F::Output> {
        const AGAIN: Duration = Duration::from_millis(10);
        let mut future = pin!(future);
        let (mut limit, mut was_opening) = (self.hands.queue_timeout, false);
        loop {
            let time = context.time_left().map_or(limit, |left| left.min(limit));
            if let Some(value) = self.hands.alarms.within(time, future.as_mut()).await {
                return Some(value);
            }
            if context.late().is_some() {
                return None;
            }
            let is_opening = self.is_opening();
            // One that has just been opened is on its way.
            if !is_opening && !was_opening {
                return None;
            }
            (limit, was_opening) = (limit.max(AGAIN), is_opening);
        }
    }

    /// Refuses what would wait for a transaction that waits for it.
    fn check_outside(self: &Arc<Self>, context: Context<'_>) -> Result<()> {
        inside::with_all_of(self).map_or(Ok(()), |inside| Err(refused_inside(THE_DATABASE, inside, context)))
    }

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

impl Returned {
    /// The connection does not go back.
    pub(super) fn keep(mut self) -> Option<Box<Connection>> {
        self.connection.take()
    }
}

/// Where a job stands in the queue. When this is dropped, the job is given up there, with what it holds.
struct Place<'l> {
    lane: &'l Lane,
    number: Option<u64>,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            self.lane.queue.give_up(number);
        }
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

/// Whether work was stopped, or waited for a lock in vain.
fn is_stopped(error: &Error) -> bool {
    let reported = |code| matches!(code, code::INTERRUPT | code::BUSY | code::LOCKED);
    matches!(error, Error::TransactionEnded) || error.sqlite().is_some_and(|report| reported(report.primary_code()))
}

/// What code inside a closure may use by mistake.
pub(super) const THE_DATABASE: &str = "the database";

/// What is used, and would wait for the transaction or snapshot that the code stands inside.
pub(crate) fn refused_inside(used: &'static str, Inside { kind, at }: Inside, context: Context<'_>) -> Error {
    let (operation, table) = (context.operation, context.subject.to_owned());
    Error::InsideTransaction { operation, table, used, kind, begun: at.to_string() }
}

/// How a job has ended. One whose transaction has ended before it has no answer.
fn told(answer: Option<Answer>) -> Result<Box<dyn Job>> {
    match answer {
        Some((job, Ok(result))) => result.map(|()| job),
        Some((_, Err(panic))) => resume_unwind(panic),
        None => Err(Error::TransactionEnded),
    }
}

fn undo_savepoint(connection: &mut Connection, number: usize) -> Result<()> {
    control(connection, &format!("ROLLBACK TO nested_{number}; RELEASE nested_{number}"))
}

/// It must be done even if the job that it comes before was cancelled: what is over is over.
fn control(connection: &mut Connection, sql: &str) -> Result<()> {
    connection.batch(sql, Context::new(Operation::Execute, sql))
}

/// Runs a job that writes inside a transaction, on a thread, where its future may be dropped meanwhile: then it comes to its end
/// and is undone, so that the transaction goes on as if it had not been.
fn undone_when_cancelled(
    connection: &mut Connection,
    ticket: &Ticket,
    work: impl FnOnce(&mut Connection) -> Result<()>,
) -> thread::Result<Result<()>> {
    const CONTEXT: Context<'static> = Context::new(Operation::Execute, "SAVEPOINT job");
    let control = |connection: &mut Connection, sql: &str| {
        let done = regardless(|| connection.control(sql));
        connection.has_run(sql);
        done.map_err(|source| connection.error(CONTEXT, source))
    };
    if let Err(error) = control(connection, "SAVEPOINT job") {
        return Ok(Err(error));
    }
    let ended = catch_unwind(AssertUnwindSafe(|| work(connection)));
    if connection.is_autocommit() {
        return ended;
    }
    let is_cancelled = ticket.is_cancelled();
    let undone = match is_cancelled || ended.is_err() {
        true => control(connection, "ROLLBACK TO job"),
        false => Ok(()),
    };
    let released = undone.and_then(|()| control(connection, "RELEASE job"));
    match released {
        // It is not done, as it was undone.
        Ok(()) if is_cancelled && matches!(ended, Ok(Ok(()))) => Ok(Err(Error::TransactionEnded)),
        Ok(()) => ended,
        // Rather no transaction than one with half of a job in it.
        Err(error) => Ok(control(connection, "ROLLBACK").and(Err(error))),
    }
}

/// Runs a job that nobody shares a transaction with, on a thread of the engine. Gives its end to be told, unless nobody
/// wants it any more.
pub(super) fn alone(
    lane: &Lane,
    connection: &mut Connection,
    mut queued: Queued,
) -> Option<(Queued, thread::Result<Result<()>>)> {
    if !queued.ticket.begin() {
        contained(|| drop(queued));
        return None;
    }
    lane.has_its_turn(queued.since.take());
    let ended = {
        let Queued { job, kind, frame, ticket, asked, .. } = &mut queued;
        connection.lift_limit();
        let started = Instant::now();
        // Once a transaction has begun, other jobs do not wait for the same locks.
        let (beside, waiting) = match &lane.role {
            Role::Transaction { home, asked, .. } if kind.part == Part::Begins => (Some(&**home), home.waiting(*asked)),
            Role::Transaction { .. } => (None, lane.hands.opener.waiting()),
            Role::Readers(_) | Role::Writer => (Some(lane), lane.waiting(*asked)),
        };
        let (ended, stopped) = on_thread(std::slice::from_ref(ticket), waiting, None, || {
            frame.run(|| {
                let counts = lane.hands.opener.counts();
                let mut run = |connection: &mut Connection| {
                    let mut run = || lane.inside(connection, *kind, |connection| job.run(connection));
                    if kind.access == Access::Stream { counts.streaming(run)() } else { run() }
                };
                if let Err(error) = lane.before(connection, *kind) {
                    return Ok(Err(error));
                }
                match &lane.role {
                    Role::Transaction { is_over, .. } if kind.access == Access::Write && kind.part == Part::Inside => {
                        sparing(is_over, || undone_when_cancelled(connection, ticket, run))
                    }
                    // Whoever has the stream may keep it, and take nothing.
                    Role::Transaction { is_over, .. } if kind.access == Access::Stream => {
                        let ended = ending_with(is_over, || catch_unwind(AssertUnwindSafe(|| run(connection))));
                        match ended {
                            Ok(Err(_)) if lane.is_over(kind.level) => Ok(Err(Error::TransactionEnded)),
                            ended => ended,
                        }
                    }
                    Role::Transaction { .. } | Role::Readers(_) | Role::Writer => {
                        catch_unwind(AssertUnwindSafe(|| run(connection)))
                    }
                }
            })
        });
        beside.into_iter().for_each(|lane| lane.has_waited(stopped));
        if started.elapsed() < BRIEF {
            lane.hands.long.forget(kind.pace);
        }
        connection.set_limit();
        ended
    };
    Some((queued, ended))
}
