//! Time limits, kept by a thread of the engine: no runtime is needed for them, and none has to go on.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::task::Poll;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::contained::{contained, drop_each};
use super::locked;
use super::threads::gone;

/// How long the thread waits for another time limit.
const IDLE: Duration = Duration::from_secs(5);

/// When an alarm goes off, and its number.
type Due = (Instant, u64);

/// The alarms of a database. When they are dropped, none goes off any more.
#[derive(Default)]
pub(super) struct Alarms(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    set: BTreeMap<Due, Box<dyn FnOnce() + Send>>,
    last: u64,
    /// Whether there is a thread that keeps them.
    is_kept: bool,
    has_ended: bool,
    /// Whether the thread ends as soon as there is no alarm; until the next one is set.
    rests: bool,
    thread: Option<JoinHandle<()>>,
}

/// An alarm that is taken back when this is dropped.
pub(super) struct Alarm {
    due: Due,
    shared: Arc<Shared>,
}

impl Drop for Alarm {
    fn drop(&mut self) {
        let removed = locked(&self.shared.state).set.remove(&self.due);
        contained(|| drop(removed));
    }
}

impl Alarms {
    /// Does something after a time. It is done on the thread of the alarms, so it must be brief.
    pub(super) fn after(&self, time: Duration, action: impl FnOnce() + Send + 'static) -> Option<Alarm> {
        // A time beyond the end of time never comes.
        let at = Instant::now().checked_add(time)?;
        let mut state = locked(&self.0.state);
        state.last += 1;
        let due = (at, state.last);
        state.set.insert(due, Box::new(action));
        let is_first = state.set.first_key_value().is_some_and(|(first, _)| *first == due);
        state.rests = false;
        let starts = !std::mem::replace(&mut state.is_kept, true);
        drop(state);
        if starts {
            let shared = Arc::clone(&self.0);
            let started = thread::Builder::new().name("sqliter-alarms".to_owned()).spawn(move || shared.keep());
            let mut state = locked(&self.0.state);
            match started {
                Ok(thread) => state.thread = Some(thread),
                // Nothing ends too early without it; the next alarm tries again.
                Err(_) => state.is_kept = false,
            }
        } else if is_first {
            self.0.changed.notify_one();
        }
        Some(Alarm { due, shared: Arc::clone(&self.0) })
    }

    /// Waits for the future, or `None` when the time is over.
    pub(super) async fn within<F: Future>(&self, time: Duration, future: F) -> Option<F::Output> {
        let mut future = pin!(future);
        // Most need no alarm.
        let at_once = poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx))).await;
        if let Poll::Ready(value) = at_once {
            return Some(value);
        }
        let (over, is_over) = oneshot::channel();
        let alarm = self.after(time, move || {
            // Whoever waited may have gone in the meantime.
            let _ = over.send(());
        });
        let Some(_alarm) = alarm else { return Some(future.await) };
        // Goes before the alarm, whose drop would wake for it.
        let mut is_over = is_over;
        poll_fn(|cx| match future.as_mut().poll(cx) {
            Poll::Ready(value) => Poll::Ready(Some(value)),
            Poll::Pending => Pin::new(&mut is_over).poll(cx).map(|_| None),
        })
        .await
    }
}

impl Alarms {
    /// Ends the thread if no alarm is set, and waits until it is gone.
    pub(super) fn rest(&self) {
        /// It ends in some microseconds.
        const PATIENCE: Duration = Duration::from_millis(50);
        let thread = {
            let mut state = locked(&self.0.state);
            // Somebody else waits.
            if !state.set.is_empty() {
                return;
            }
            state.rests = true;
            state.thread.take()
        };
        self.0.changed.notify_one();
        let left = gone(Vec::from_iter(thread), PATIENCE).pop();
        let mut state = locked(&self.0.state);
        if state.thread.is_none() {
            state.thread = left;
        }
    }
}

impl Drop for Alarms {
    fn drop(&mut self) {
        let mut state = locked(&self.0.state);
        state.has_ended = true;
        let set = std::mem::take(&mut state.set);
        drop(state);
        drop_each(set.into_values());
        self.0.changed.notify_one();
    }
}

impl Shared {
    /// Until there was no alarm for a while.
    fn keep(&self) {
        let mut state = locked(&self.state);
        loop {
            let now = Instant::now();
            if let Some(due) = state.set.first_entry().filter(|first| first.key().0 <= now) {
                let action = due.remove();
                drop(state);
                // It wakes futures, and may come to drop what they have left: a panic would be the end of all time limits.
                contained(action);
                state = locked(&self.state);
                continue;
            }
            if state.has_ended {
                return;
            }
            if state.rests && state.set.is_empty() {
                state.is_kept = false;
                return;
            }
            let next = state.set.first_key_value().map(|((at, _), _)| at.saturating_duration_since(now));
            let waited = self.changed.wait_timeout(state, next.unwrap_or(IDLE));
            let (after, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            state = after;
            if timeout.timed_out() && state.set.is_empty() {
                state.is_kept = false;
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};
    use std::sync::mpsc;

    use super::super::block_on;
    use super::*;

    const LONG: Duration = Duration::from_secs(20);

    #[test]
    fn alarms_go_off_in_the_order_of_their_times() {
        let alarms = Alarms::default();
        let (sender, receiver) = mpsc::channel();
        let set = [30_u64, 10, 20].map(|millis| {
            let sender = sender.clone();
            alarms.after(Duration::from_millis(millis), move || sender.send(millis).unwrap())
        });
        let seen = [(); 3].map(|()| receiver.recv_timeout(LONG).unwrap());
        assert_eq!(seen, [10, 20, 30]);
        drop(set);
    }

    #[test]
    fn an_alarm_that_is_taken_back_does_not_go_off() {
        let alarms = Alarms::default();
        let (sender, receiver) = mpsc::channel();
        let other = sender.clone();
        drop(alarms.after(Duration::from_millis(5), move || other.send(1).unwrap()));
        let kept = alarms.after(Duration::from_millis(20), move || sender.send(2).unwrap());
        assert_eq!(receiver.recv_timeout(LONG), Ok(2));
        assert!(alarms.after(Duration::MAX, || ()).is_none());
        drop(kept);
    }

    #[test]
    fn a_panic_of_one_is_the_end_of_no_other() {
        let alarms = Alarms::default();
        let (sender, receiver) = mpsc::channel();
        for round in 0..2 {
            let sender = sender.clone();
            let broken = alarms.after(Duration::from_millis(1), || panic!("on purpose"));
            let kept = alarms.after(Duration::from_millis(10), move || sender.send(round).unwrap());
            assert_eq!(receiver.recv_timeout(LONG), Ok(round));
            drop((broken, kept));
        }
    }

    #[test]
    fn waiting_ends_without_a_runtime() {
        let alarms = Alarms::default();
        assert_eq!(block_on(alarms.within(Duration::from_millis(5), pending::<()>())), None);
        assert_eq!(block_on(alarms.within(Duration::ZERO, ready(7))), Some(7));
    }
}
