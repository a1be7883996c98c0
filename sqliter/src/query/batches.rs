//! What passes rows from a query on a thread to the program that takes them.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, PoisonError, Weak};
use std::task::Waker;
use std::time::{Duration, Instant};

use crate::engine::{Lane, Level, locked};
use crate::error::{Context, Error, Result};

/// For how long a stream of a transaction waits while another statement of the transaction waits for it.
const WHILE_WAITED_FOR: Duration = Duration::from_secs(1);

/// How often it looks whether one does, or the transaction is over.
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// A few batches of rows that wait for the program. The query waits for room, but not without end.
pub(super) struct Batches<T> {
    state: Mutex<State<T>>,
    has_room: Condvar,
    most: usize,
    limit: Duration,
    /// That of the transaction which the query runs in, and which of those there it is.
    lane: Option<(Weak<Lane>, Level)>,
}

struct State<T> {
    waiting: VecDeque<Vec<T>>,
    waker: Option<Waker>,
    is_closed: bool,
}

impl<T> Batches<T> {
    /// At most so many wait, and the query waits for so long; less while others wait for its transaction's connection.
    pub(super) fn new(most: usize, limit: Duration, lane: Option<(Weak<Lane>, Level)>) -> Self {
        let state = State { waiting: VecDeque::new(), waker: None, is_closed: false };
        Self { state: Mutex::new(state), has_room: Condvar::new(), most, limit, lane }
    }

    /// Puts a batch in the line, once there is room. Called by the query, on a thread that may wait.
    pub(super) fn send(&self, batch: Vec<T>, context: Context<'_>) -> Result<()> {
        if self.is_over() {
            return Err(Error::TransactionEnded);
        }
        let mut state = locked(&self.state);
        let since = Instant::now();
        let mut waited_for_since = None;
        while state.waiting.len() >= self.most && !state.is_closed {
            let over =
                |limit, waited_for| Error::StreamTimeout { table: context.subject.to_owned(), limit, waited_for };
            let Some(left) = self.limit.checked_sub(since.elapsed()).filter(|left| !left.is_zero()) else {
                return Err(over(self.limit, self.is_waited_for()));
            };
            let left = if self.lane.is_none() { left } else { left.min(BETWEEN_LOOKS) };
            match self.is_waited_for() {
                true if waited_for_since.get_or_insert_with(Instant::now).elapsed() >= WHILE_WAITED_FOR => {
                    return Err(over(WHILE_WAITED_FOR, true));
                }
                true => {}
                false => waited_for_since = None,
            }
            let waited = self.has_room.wait_timeout(state, left);
            (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
            if self.is_over() {
                return Err(Error::TransactionEnded);
            }
        }
        if state.is_closed {
            return Err(Error::NoResult { reason: "the stream was dropped".to_owned() });
        }
        state.waiting.push_back(batch);
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
        Ok(())
    }

    fn is_waited_for(&self) -> bool {
        self.lane.as_ref().and_then(|(lane, _)| lane.upgrade()).is_some_and(|lane| lane.is_waited_for())
    }

    /// Whether the transaction is over, whose connection others wait for.
    fn is_over(&self) -> bool {
        self.lane.as_ref().is_some_and(|(lane, level)| lane.upgrade().is_none_or(|lane| lane.is_over(*level)))
    }

    /// The next batch; without one, the waker is called when it comes.
    pub(super) fn take(&self, waker: &Waker) -> Option<Vec<T>> {
        // A waker is the user's: it is neither cloned nor dropped under the lock.
        let waker = waker.clone();
        let mut state = locked(&self.state);
        let batch = state.waiting.pop_front();
        let before = match batch {
            Some(_) => {
                self.has_room.notify_one();
                None
            }
            None => state.waker.replace(waker),
        };
        drop(state);
        drop(before);
        batch
    }

    /// Nobody takes any more.
    pub(super) fn close(&self) {
        let mut state = locked(&self.state);
        state.is_closed = true;
        let left = std::mem::take(&mut state.waiting);
        drop(state);
        self.has_room.notify_one();
        // They are the user's, and their drop may take its time.
        drop(left);
    }
}
