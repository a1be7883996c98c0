//! Waiting for a lock that another process holds, or a connection of the pool.
//!
//! SQLite's own busy handler sleeps longer and longer between its attempts. Beside programs that write without a pause,
//! the one that has waited longest tries rarest, and starves; and it sleeps on when nobody wants the result any more.
//! This one tries at short intervals that never keep step with another's, by the clock, until its job is cancelled.

use std::cell::RefCell;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::cancellation::Cancellation;

/// The shortest and the longest time between two attempts, in microseconds.
const PAUSE: std::ops::Range<u64> = 200..1_800;

/// For how long a lock that was met makes it likely that the next one is met too.
const LATELY: Duration = Duration::from_secs(5);

/// How a connection waits.
#[derive(Debug)]
pub(super) struct Patience {
    limit: Duration,
    cancellation: Arc<Cancellation>,
    met_a_lock: Option<Instant>,
}

impl Patience {
    /// Makes the connection wait in this way, in work that is done between [`begin`](Self::begin) and
    /// [`end`](Self::end). Outside of it, it does not wait.
    pub(super) fn install(
        sqlite: &rusqlite::Connection,
        limit: Duration,
        cancellation: Arc<Cancellation>,
    ) -> rusqlite::Result<Self> {
        sqlite.busy_handler(Some(is_worth_another_attempt))?;
        Ok(Self { limit, cancellation, met_a_lock: None })
    }

    pub(super) fn begin(&self) -> Present {
        let waiting = Waiting { limit: self.limit, cancellation: Arc::clone(&self.cancellation), since: None };
        Present { before: WAITING.replace(Some(waiting)) }
    }

    pub(super) fn end(&mut self, present: Present) {
        if WAITING.with_borrow(|waiting| waiting.as_ref().is_some_and(|waiting| waiting.since.is_some())) {
            self.meet_a_lock();
        }
        drop(present);
    }

    /// Until what is returned is dropped, the work on this thread waits for no lock.
    pub(super) fn suspend(&self) -> Present {
        Present { before: WAITING.take() }
    }

    /// A lock was met now.
    pub(super) fn meet_a_lock(&mut self) {
        self.met_a_lock = Some(Instant::now());
    }

    /// Whether the connection had to wait a short while ago.
    pub(super) fn met_a_lock_lately(&self) -> bool {
        self.met_a_lock.is_some_and(|met| met.elapsed() < LATELY)
    }
}

thread_local! {
    /// What the work on this thread may wait for. SQLite calls the handler on the thread of the statement, and the
    /// handler is given no more than a number.
    static WAITING: RefCell<Option<Waiting>> = const { RefCell::new(None) };
}

struct Waiting {
    limit: Duration,
    cancellation: Arc<Cancellation>,
    /// When the last lock was met.
    since: Option<Instant>,
}

/// Work that goes on, until this is dropped.
#[must_use]
pub(super) struct Present {
    before: Option<Waiting>,
}

impl Drop for Present {
    fn drop(&mut self) {
        WAITING.set(self.before.take());
    }
}

/// Called by SQLite when it meets a lock, with the number of attempts that were made before.
fn is_worth_another_attempt(attempts: i32) -> bool {
    WAITING.with_borrow_mut(|waiting| waiting.as_mut().is_some_and(|waiting| waiting.pause(attempts)))
}

impl Waiting {
    fn pause(&mut self, attempts: i32) -> bool {
        if attempts == 0 {
            self.since = None;
        }
        let waited = self.since.get_or_insert_with(Instant::now).elapsed();
        match self.limit.checked_sub(waited) {
            Some(left) if !left.is_zero() && !self.cancellation.is_cancelled() => {
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
