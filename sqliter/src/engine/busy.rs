//! Waiting for a lock that another process holds, or a connection of the pool.
//!
//! SQLite's own busy handler sleeps longer and longer between its attempts. Beside programs that write without a pause,
//! the one that has waited longest tries rarest, and starves; and it sleeps on when nobody wants the result any more.
//! This one tries at short intervals that never keep step with another's, by the clock, until its job is cancelled.

use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

/// The shortest and the longest time between two attempts, in microseconds.
const PAUSE: std::ops::Range<u64> = 200..1_800;

/// How long a job waits for a lock.
#[derive(Debug)]
pub(super) struct Waiting {
    limit: Duration,
    /// When the last lock was met.
    since: Option<Instant>,
}

impl Waiting {
    pub(super) const fn new(limit: Duration) -> Self {
        Self { limit, since: None }
    }

    /// Waits a short while. Gives `false` when the time limit is over.
    pub(super) fn pause(&mut self, attempts: i32) -> bool {
        if attempts == 0 {
            self.since = None;
        }
        let waited = self.since.get_or_insert_with(Instant::now).elapsed();
        match self.limit.checked_sub(waited) {
            Some(left) if !left.is_zero() => {
                std::thread::sleep(left.min(between_attempts()));
                true
            }
            _ => false,
        }
    }
}

/// Not twice the same, so that two who wait do not go on to collide.
fn between_attempts() -> Duration {
    let random = RandomState::new().hash_one(());
    Duration::from_micros(PAUSE.start + random % (PAUSE.end - PAUSE.start))
}
