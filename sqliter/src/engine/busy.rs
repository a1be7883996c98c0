//! Waiting for a lock that another process holds, or a connection of the pool.
//!
//! SQLite's own busy handler sleeps longer and longer between its attempts. Beside programs that write without a pause,
//! the one that has waited longest tries rarest, and starves; and it sleeps on when nobody wants the result any more.
//! This one tries at short intervals that never keep step with another's, by the clock, until its job is cancelled.

use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant};

/// The shortest and the longest time between two attempts, in microseconds.
const PAUSE: std::ops::Range<u64> = 200..1_800;

/// How soon a lock is met again that has been held all the time.
const AT_ONCE: Duration = Duration::from_millis(20);

/// How long a job waits for a lock.
#[derive(Debug)]
pub(super) struct Waiting {
    limit: Duration,
    /// The lock that jobs before this one have waited for in vain.
    before: Option<LockedOut>,
    /// When the last lock was met.
    since: Option<Instant>,
    /// When it was given up.
    until: Option<Instant>,
}

/// A lock that was waited for in vain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LockedOut {
    since: Instant,
    until: Instant,
}

impl LockedOut {
    /// The same for a job that was asked for then: what it has not waited for does not count.
    pub(super) fn of_job(self, asked: Instant) -> Self {
        Self { since: self.since.max(asked), ..self }
    }
}

impl Waiting {
    pub(super) const fn new(limit: Duration) -> Self {
        Self { limit, before: None, since: None, until: None }
    }

    /// That of a job that stood behind others, which waited for a lock in vain. If it meets the lock at once, that has been held all
    /// the time, and the time counts.
    pub(super) const fn behind(self, before: Option<LockedOut>) -> Self {
        Self { before, ..self }
    }

    /// The lock that was waited for in vain.
    pub(super) fn locked_out(&self) -> Option<LockedOut> {
        Some(LockedOut { since: self.since?, until: self.until? })
    }

    /// Waits a short while. Gives `false` when the time limit is over.
    pub(super) fn pause(&mut self, attempts: i32) -> bool {
        let now = Instant::now();
        if attempts == 0 {
            let before = self.before.take().filter(|before| now.saturating_duration_since(before.until) < AT_ONCE);
            self.since = before.map(|before| before.since);
            self.until = None;
        }
        let waited = now.saturating_duration_since(*self.since.get_or_insert(now));
        match self.limit.checked_sub(waited) {
            Some(left) if !left.is_zero() => {
                std::thread::sleep(left.min(between_attempts()));
                true
            }
            _ => {
                self.until = Some(now);
                false
            }
        }
    }
}

/// Not twice the same, so that two who wait do not go on to collide.
fn between_attempts() -> Duration {
    let random = RandomState::new().hash_one(());
    Duration::from_micros(PAUSE.start + random % (PAUSE.end - PAUSE.start))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_millis(40);

    /// Waits for a lock that does not come free; gives for how long, and the lock.
    fn in_vain(mut waiting: Waiting) -> (Duration, LockedOut) {
        let begun = Instant::now();
        let attempts = (0..).take_while(|attempt| waiting.pause(*attempt)).count();
        assert!(attempts < 1_000);
        (begun.elapsed(), waiting.locked_out().unwrap())
    }

    #[test]
    fn what_others_have_waited_for_the_same_lock_counts() {
        let asked = Instant::now();
        let (waited, lock) = in_vain(Waiting::new(LIMIT));
        assert!(waited >= LIMIT);
        let (waited, same) = in_vain(Waiting::new(LIMIT).behind(Some(lock.of_job(asked))));
        assert!(waited < LIMIT / 2, "{waited:?}");
        assert!(same.since <= lock.since.max(asked));
        // One that was asked for later waits for the rest of its time.
        let later = lock.since + LIMIT / 2;
        let (waited, _) = in_vain(Waiting::new(LIMIT * 2).behind(Some(same.of_job(later))));
        assert!(waited >= LIMIT / 2, "{waited:?}");
    }

    #[test]
    fn another_lock_is_waited_for_anew() {
        let (_, lock) = in_vain(Waiting::new(LIMIT));
        std::thread::sleep(AT_ONCE * 2);
        let (waited, _) = in_vain(Waiting::new(LIMIT).behind(Some(lock)));
        assert!(waited >= LIMIT, "{waited:?}");
        // The second lock of a job is not that of others before it.
        let mut waiting = Waiting::new(LIMIT).behind(Some(LockedOut { until: Instant::now(), ..lock }));
        assert!(!waiting.pause(0));
        assert!(waiting.pause(0) && waiting.locked_out().is_none());
    }
}
