//! What passes rows from a query on a thread to the program that takes them.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, PoisonError};
use std::task::Waker;
use std::time::{Duration, Instant};

use crate::engine::locked;
use crate::error::{Context, Error, Result};

/// A few batches of rows that wait for the program. The query waits for room, but not without end.
pub(super) struct Batches<T> {
    state: Mutex<State<T>>,
    has_room: Condvar,
    most: usize,
    limit: Duration,
}

struct State<T> {
    waiting: VecDeque<Vec<T>>,
    waker: Option<Waker>,
    is_closed: bool,
}

impl<T> Batches<T> {
    /// At most so many wait, and the query waits for so long.
    pub(super) fn new(most: usize, limit: Duration) -> Self {
        let state = State { waiting: VecDeque::new(), waker: None, is_closed: false };
        Self { state: Mutex::new(state), has_room: Condvar::new(), most, limit }
    }

    /// Puts a batch in the line, once there is room. Called by the query, on a thread that may wait.
    pub(super) fn send(&self, batch: Vec<T>, context: Context<'_>) -> Result<()> {
        let mut state = locked(&self.state);
        let since = Instant::now();
        while state.waiting.len() >= self.most && !state.is_closed {
            let Some(left) = self.limit.checked_sub(since.elapsed()).filter(|left| !left.is_zero()) else {
                return Err(Error::StreamTimeout { table: context.subject.to_owned(), limit: self.limit });
            };
            let waited = self.has_room.wait_timeout(state, left);
            (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
        if state.is_closed {
            return Err(Error::Runtime { reason: "the stream was dropped".to_owned() });
        }
        state.waiting.push_back(batch);
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
        Ok(())
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
