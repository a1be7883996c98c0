//! Where a job runs.
//!
//! A short job runs at once, on the thread that polls its future, as any computation of a task does. What is not known to
//! be short is tried there with a budget, where it can be stopped without harm. Everything else, and what has spent its
//! budget, met a lock or read a large value, runs on a thread of the engine; its future may be dropped meanwhile.

use std::panic::resume_unwind;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{OwnedMutexGuard, oneshot};

use super::asking::Returned;
use super::cancellation::{CancelOnDrop, Ticket};
use super::counts::Since;
use super::inside::Inside;
use super::job::{Access, Job, Kind, LentJob, Pace, Part};
use super::lane::{Lane, Role};
use super::limits::in_place;
use super::log::Frame;
use super::queue::{Asked, Wish};
use super::queued::{Answer, Queued};
use super::{Connection, inside};
use crate::error::{Context, Error, Result, code};

/// What came of trying a job in place.
pub(crate) enum Attempt {
    Done(Result<()>),
    /// It has the connection, and needs a thread.
    NeedsThread(Returned),
    /// The connection is not free.
    Waits,
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
        let manner = self.manner(kind, context, connection);
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

    fn manner(&self, kind: Kind, context: Context<'_>, connection: &Connection) -> Manner {
        let is_writing_transaction = self.is_transaction() && kind.access == Access::Write;
        let Context { operation, subject: table, .. } = context;
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
            _ if kind.access == Access::Write
                && kind.part == Part::Inside
                && connection.may_delete_long(operation, table) =>
            {
                Manner::No
            }
            Pace::Measured(_) => Manner::WithBudget,
            // A statement that is stopped would undo the whole transaction.
            Pace::Short if is_writing_transaction && kind.part == Part::Inside => {
                if connection.may_write_many(operation, table) { Manner::No } else { Manner::ToItsEnd }
            }
            Pace::Short if is_writing_transaction => Manner::ToItsEnd,
            Pace::Short => Manner::WithBudget,
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
    pub(super) async fn turn<F: Future>(&self, context: Context<'_>, future: F) -> Option<F::Output> {
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
    pub(super) fn check_outside(self: &Arc<Self>, context: Context<'_>) -> Result<()> {
        inside::with_all_of(self).map_or(Ok(()), |inside| Err(refused_inside(THE_DATABASE, inside, context)))
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
