//! Jobs for threads of the engine, and who waits for them.

use std::sync::Arc;
use std::thread;
use std::time::Instant;

use tokio::sync::oneshot;

use super::cancellation::Ticket;
use super::contained::contained;
use super::counts::Since;
use super::job::{Job, Kind};
use super::log::Frame;
use super::queue::Waits;
use crate::error::{Context, Result};

/// A job for a thread of the engine, and who waits for it.
pub(super) struct Queued {
    pub(super) job: Box<dyn Job>,
    pub(super) kind: Kind,
    pub(super) context: Context<'static>,
    pub(super) frame: Frame,
    pub(super) ticket: Arc<Ticket>,
    /// When it was asked for.
    pub(super) asked: Instant,
    /// The same, if it had to wait for a connection.
    pub(super) since: Option<Since>,
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
    pub(super) fn tell((queued, ended): (Self, thread::Result<Result<()>>)) {
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
