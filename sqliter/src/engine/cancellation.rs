//! Stopping a job from another thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

const WAITING: u8 = 0;
const RUNNING: u8 = 1;
const CANCELLED: u8 = 2;

/// How it stands with one job. Every job has its own, so that a cancellation never stops another one, however late it
/// comes.
#[derive(Debug, Default)]
pub(super) struct Ticket(AtomicU8);

impl Ticket {
    /// The job begins, unless it was cancelled. It may begin again.
    pub(super) fn begin(&self) -> bool {
        self.0.compare_exchange(WAITING, RUNNING, Ordering::AcqRel, Ordering::Acquire) != Err(CANCELLED)
    }

    /// Whether nobody wants the job any more.
    pub(super) fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed) == CANCELLED
    }

    /// Cancels the job, whether it runs or not. It may be done all the same.
    pub(super) fn cancel(&self) {
        self.0.store(CANCELLED, Ordering::Release);
    }

    /// Cancels the job unless it runs. Gives whether it was cancelled.
    pub(super) fn cancel_waiting(&self) -> bool {
        self.0.compare_exchange(WAITING, CANCELLED, Ordering::AcqRel, Ordering::Acquire) != Err(RUNNING)
    }
}

/// Cancels its job when it is dropped: held by the future that waits for the job.
#[derive(Debug)]
pub(super) struct CancelOnDrop(pub(super) Arc<Ticket>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_job_that_was_cancelled_does_not_begin() {
        let ticket = Arc::new(Ticket::default());
        drop(CancelOnDrop(Arc::clone(&ticket)));
        assert!(!ticket.begin());
        assert!(ticket.is_cancelled());
    }

    #[test]
    fn a_job_that_runs_is_cancelled_by_its_future_only() {
        let ticket = Arc::new(Ticket::default());
        let future = CancelOnDrop(Arc::clone(&ticket));
        assert!(ticket.begin());
        assert!(!ticket.cancel_waiting(), "it waits no more");
        assert!(!ticket.is_cancelled());
        assert!(ticket.begin(), "it runs a second time");
        drop(future);
        assert!(ticket.is_cancelled());
        assert!(!ticket.begin());
    }

    #[test]
    fn a_cancellation_leaves_the_next_job_alone() {
        let (first, second) = (Arc::new(Ticket::default()), Arc::new(Ticket::default()));
        let late = CancelOnDrop(Arc::clone(&first));
        assert!(first.begin() && second.begin());
        drop(late);
        assert!(!second.is_cancelled());
    }

    #[test]
    fn waiting_ends_once() {
        let ticket = Ticket::default();
        assert!(ticket.cancel_waiting());
        assert!(ticket.cancel_waiting(), "it stays cancelled");
        assert!(!ticket.begin());
    }
}
