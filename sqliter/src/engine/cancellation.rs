//! Stopping a statement from another thread.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Which job a connection is on, and the newest job that was cancelled.
///
/// Jobs are numbered, so that a cancellation that comes late never stops the next job on the same connection.
#[derive(Debug, Default)]
pub(super) struct Cancellation {
    current: AtomicU64,
    cancelled: AtomicU64,
}

impl Cancellation {
    /// A new job begins.
    pub(super) fn begin(self: &Arc<Self>) -> CancelOnDrop {
        let job = self.current.fetch_add(1, Ordering::Relaxed) + 1;
        CancelOnDrop { cancellation: Arc::clone(self), job, armed: true }
    }

    /// Whether the present job was cancelled; asked by the progress handler every few thousand steps of SQLite's
    /// virtual machine, and before each statement.
    pub(super) fn is_cancelled(&self) -> bool {
        let current = self.current.load(Ordering::Relaxed);
        current != 0 && self.cancelled.load(Ordering::Relaxed) == current
    }
}

/// Cancels its job when it is dropped, unless it was disarmed: held by the future that waits for the job.
#[derive(Debug)]
pub(super) struct CancelOnDrop {
    cancellation: Arc<Cancellation>,
    job: u64,
    armed: bool,
}

impl CancelOnDrop {
    /// The job has ended.
    pub(super) fn disarm(mut self) {
        self.armed = false;
    }
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        if self.armed {
            self.cancellation.cancelled.fetch_max(self.job, Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_cancellation_leaves_the_next_job_alone() {
        let cancellation = Arc::new(Cancellation::default());
        assert!(!cancellation.is_cancelled());
        let first = cancellation.begin();
        let second = cancellation.begin();
        drop(first);
        assert!(!cancellation.is_cancelled());
        drop(second);
        assert!(cancellation.is_cancelled());
        cancellation.begin().disarm();
        assert!(!cancellation.is_cancelled());
    }
}
