//! One commit for many jobs.
//!
//! Each job runs in a savepoint of its own and is answered after the commit. A job that is running is not interrupted by
//! its future, as SQLite would roll the whole transaction back: such jobs are short. When nobody wants its result any
//! more, it is undone.
//!
//! What one job does can undo all: by a constraint or a trigger with the action `ROLLBACK`, by a foreign key that is
//! checked at the commit, by a full disk. Then each of them runs anew, alone.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use super::Connection;
use super::busy::Waiting;
use super::cluster::NotDone;
use super::connection::Failed;
use super::contained::contained;
use super::job::Pace;
use super::lane::Lane;
use super::limits::{Stopped, on_thread};
use super::queued::Queued;
use super::work;
use crate::error::{Context, Error, Operation, Result};

/// After how much work what is done is committed, and the rest goes on in another transaction.
const WORK: Duration = Duration::from_millis(10);

/// How long a job may take that is not known to be short.
const EACH: Duration = Duration::from_millis(5);

/// A job that has run, and how.
type Done = (Queued, thread::Result<Result<()>>);

/// Runs jobs in as few transactions as may be.
pub(super) fn run_together(lane: &Lane, connection: &mut Connection, jobs: Vec<Queued>) {
    let mut jobs = VecDeque::from(jobs);
    connection.lift_limit();
    while !jobs.is_empty() {
        let undone = share_commit(lane, connection, &mut jobs);
        for queued in undone {
            let ended = contained(|| work::alone(lane, connection, queued));
            answer(ended.into_iter().flatten());
            connection.lift_limit();
        }
    }
    connection.set_limit();
}

/// Runs jobs in one transaction, at least one, and takes them out. Gives those that must run anew.
fn share_commit(lane: &Lane, connection: &mut Connection, jobs: &mut VecDeque<Queued>) -> Vec<Queued> {
    let Some(first) = next(jobs) else { return Vec::new() };
    let busy_timeout = lane.hands.opener.busy_timeout();
    let mut tickets: Vec<_> = jobs.iter().map(|queued| Arc::clone(&queued.ticket)).collect();
    tickets.push(Arc::clone(&first.ticket));
    let begin = || first.frame.run(|| connection.try_begin());
    let (begun, stopped) = on_thread(&tickets, lane.waiting(first.asked), None, begin);
    lane.has_waited(stopped);
    if let Err(report) = begun {
        // Who has asked later waits on.
        let waits_on = |queued: &Queued| stopped.locked_out.is_some() && queued.asked.elapsed() < busy_timeout;
        let (waiting, failed): (Vec<_>, Vec<_>) = std::mem::take(jobs).into_iter().partition(waits_on);
        jobs.extend(waiting);
        let failed = std::iter::once(first).chain(failed).map(|queued| {
            let error = connection.error(queued.context, report.clone());
            (queued, Ok(Err(error)))
        });
        let failed: Vec<Done> = failed.collect();
        answer(failed);
        return Vec::new();
    }
    let started = Instant::now();
    let (mut done, mut stopped) = (Vec::new(), Vec::new());
    let mut following = Some(first);
    while let Some(mut queued) = following {
        if queued.ticket.begin() {
            lane.has_its_turn(queued.since.take());
            let (ended, took_too_long) = run_in_savepoint(lane, connection, &mut queued, busy_timeout);
            if connection.is_autocommit() {
                let undone = done.into_iter().map(|(queued, _)| queued);
                return undone.chain([queued]).collect();
            }
            match took_too_long && matches!(ended, Ok(Err(_))) {
                true => stopped.push(queued),
                false => done.push((queued, ended)),
            }
        }
        following = if started.elapsed() < WORK { next(jobs) } else { None };
    }
    let committed = on_thread(&[], Waiting::new(busy_timeout), None, || match done.first() {
        Some((first, _)) => first.frame.run(|| commit(connection)),
        None => commit(connection),
    });
    match committed.0 {
        Ok(()) => {
            connection.tell_count();
            lane.hands.opener.counts().has_committed(done.len());
            answer(done);
            stopped
        }
        // The error is that of one of them: it is told to that one, when it runs alone.
        Err(Failed::Sqlite(_) | Failed::Cluster(NotDone::Conflict)) => {
            done.into_iter().map(|(queued, _)| queued).chain(stopped).collect()
        }
        Err(Failed::Cluster(not_done)) => {
            answer(done.into_iter().map(|(queued, ended)| match ended {
                Ok(Ok(())) => (queued, Ok(Err(not_done.clone().into_error()))),
                ended => (queued, ended),
            }));
            stopped
        }
    }
}

/// Gives how a job has ended, and whether it took so long that it was stopped.
fn run_in_savepoint(
    lane: &Lane,
    connection: &mut Connection,
    queued: &mut Queued,
    busy_timeout: Duration,
) -> (thread::Result<Result<()>>, bool) {
    let Queued { job, kind, context, frame, ticket, .. } = queued;
    let time = matches!(kind.pace, Pace::Measured(_)).then_some(EACH);
    let (ended, Stopped { is_spent: took_too_long, .. }) = on_thread(&[], Waiting::new(busy_timeout), time, || {
        frame.run(|| {
            catch_unwind(AssertUnwindSafe(|| {
                connection.atomically(*context, |connection| {
                    job.run(connection)?;
                    match ticket.is_cancelled() {
                        true => Err(Error::TransactionEnded),
                        false => Ok(()),
                    }
                })
            }))
        })
    });
    if took_too_long {
        lane.hands.long.remember(kind.pace);
    }
    (ended, took_too_long)
}

/// The next one that somebody still waits for.
fn next(jobs: &mut VecDeque<Queued>) -> Option<Queued> {
    loop {
        let queued = jobs.pop_front()?;
        if !queued.ticket.is_cancelled() {
            return Some(queued);
        }
        contained(|| drop(queued));
    }
}

fn answer(done: impl IntoIterator<Item = Done>) {
    for (queued, ended) in done {
        queued.answer(ended);
    }
}

fn commit(connection: &mut Connection) -> Result<(), Failed> {
    const COMMIT: Context<'static> = Context::new(Operation::Execute, "COMMIT");
    let committed = connection.try_commit(COMMIT);
    if committed.is_err() && !connection.is_autocommit() {
        connection.try_batch("ROLLBACK")?;
    }
    committed
}
