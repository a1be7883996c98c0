//! What a thread of the engine does with a connection: jobs, and then those of who waits.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::Instant;

use super::cancellation::Ticket;
use super::contained::contained;
use super::holders::{Number, What};
use super::in_transaction::undone_when_cancelled;
use super::job::{Access, Part};
use super::lane::{Lane, Role};
use super::limits::{BRIEF, ending_with, on_thread, sparing};
use super::queue::Next;
use super::queued::Queued;
use super::{Connection, shared_commit};
use crate::error::{Context, Error, Result};

impl Lane {
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
                    alone(self, connection, single)
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
}

impl Lane {
    /// Whether a job runs again that another machine of the cluster came before.
    fn tries_again(&self, context: Context<'_>, ticket: &Ticket, started: Instant) -> bool {
        let limit = self.hands.opener.busy_timeout();
        let limit = context.time_left().map_or(limit, |left| left.min(limit));
        !ticket.is_cancelled() && started.elapsed() < limit
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
        let Queued { job, kind, context, frame, ticket, asked, .. } = &mut queued;
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
                    Role::Transaction { .. } | Role::Readers(_) => catch_unwind(AssertUnwindSafe(|| run(connection))),
                    Role::Writer => loop {
                        let ended = catch_unwind(AssertUnwindSafe(|| run(connection)));
                        if !(matches!(ended, Ok(Err(Error::Conflict))) && lane.tries_again(*context, ticket, started)) {
                            break ended;
                        }
                    },
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
