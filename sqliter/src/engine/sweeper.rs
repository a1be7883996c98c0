//! The thread that ends snapshots nobody uses any more.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, Weak};
use std::thread::{self, Thread};
use std::time::Duration;

use super::lanes::{Lane, locked};

/// For how long a reader that is not used keeps its snapshot at most, more or less.
const KEPT: Duration = Duration::from_millis(10);

/// Wakes its thread when a snapshot was kept. A thread, as a program may leave its runtime to itself for hours.
#[derive(Debug, Default)]
pub(super) struct Sweeper {
    /// Whether the thread has something to do.
    due: AtomicBool,
    thread: Mutex<Option<Thread>>,
}

impl Sweeper {
    /// A reader was put down with its snapshot. Gives whether it will be ended.
    pub(super) fn is_told(&self, lane: &Arc<Lane>) -> bool {
        if self.due.swap(true, Ordering::AcqRel) {
            return true;
        }
        let mut thread = locked(&self.thread);
        if thread.is_none() {
            let lane = Arc::downgrade(lane);
            let started = thread::Builder::new().name("sqliter-sweeper".to_owned()).spawn(move || sweep(&lane));
            *thread = started.ok().map(|started| started.thread().clone());
        }
        match &*thread {
            Some(thread) => thread.unpark(),
            None => self.due.store(false, Ordering::Release),
        }
        thread.is_some()
    }
}

impl Drop for Sweeper {
    fn drop(&mut self) {
        if let Some(thread) = &*locked(&self.thread) {
            thread.unpark();
        }
    }
}

/// Until the lane is gone.
fn sweep(lane: &Weak<Lane>) {
    while let Some(found) = lane.upgrade() {
        // Before the snapshots are looked at: one that is kept later makes it due again.
        if found.sweeper.due.swap(false, Ordering::AcqRel) {
            found.end_snapshots();
        }
        drop(found);
        thread::park();
        thread::sleep(KEPT);
    }
}
