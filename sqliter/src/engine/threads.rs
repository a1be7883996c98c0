//! The threads of the engine, for work that would keep a thread of the program too long.
//!
//! A thread begins when there is work and none is free, and ends when it had none for some seconds, or when the database
//! is gone. What is handed over brings its connection along, so there are never more threads at work than connections.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::contained::contained;
use super::locked;

/// How long a thread waits for more work.
const IDLE: Duration = Duration::from_secs(5);

pub(super) type Work = Box<dyn FnOnce() + Send>;

/// Runs work on threads of its own. When it is dropped, its threads end after the work that they have.
#[derive(Default)]
pub(super) struct Threads(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    works: VecDeque<Work>,
    /// How many threads wait for work.
    idle: usize,
    has_ended: bool,
    /// Whether threads end as soon as they have no work; until the next work comes.
    rests: bool,
    begun: Vec<JoinHandle<()>>,
}

impl Threads {
    /// Runs the work on a thread: in this one where the system gives no other.
    pub(super) fn run(&self, work: Work) {
        let mut state = locked(&self.0.state);
        state.rests = false;
        if state.idle > state.works.len() {
            state.works.push_back(work);
            drop(state);
            return self.0.changed.notify_one();
        }
        drop(state);
        let first = Arc::new(Mutex::new(Some(work)));
        let (shared, given) = (Arc::clone(&self.0), Arc::clone(&first));
        let started = thread::Builder::new().name("sqliter-engine".to_owned()).spawn(move || {
            let given = locked(&given).take();
            shared.serve(given);
        });
        if let Ok(begun) = started {
            let mut state = locked(&self.0.state);
            state.begun.retain(|thread| !thread.is_finished());
            state.begun.push(begun);
        } else {
            let left = locked(&first).take();
            if let Some(work) = left {
                contained(work);
            }
        }
    }
}

impl Threads {
    /// Ends the threads that have no work, in some microseconds; a thread that still works is left to itself.
    pub(super) fn rest(&self) {
        locked(&self.0.state).rests = true;
        self.0.changed.notify_all();
    }

    /// Whether no thread is left.
    pub(super) fn are_gone(&self) -> bool {
        let begun = std::mem::take(&mut locked(&self.0.state).begun);
        let left = gone(begun, Duration::ZERO);
        let mut state = locked(&self.0.state);
        state.begun.extend(left);
        state.begun.is_empty()
    }
}

/// Waits until threads are gone that are about to end. Gives those that are not.
pub(super) fn gone(mut threads: Vec<JoinHandle<()>>, patience: Duration) -> Vec<JoinHandle<()>> {
    let begun = Instant::now();
    loop {
        let (ended, going): (Vec<_>, Vec<_>) = threads.into_iter().partition(JoinHandle::is_finished);
        // The end of a thread is never a panic: its work is contained.
        ended.into_iter().for_each(|thread| drop(thread.join()));
        if going.is_empty() || begun.elapsed() > patience {
            return going;
        }
        threads = going;
        thread::sleep(Duration::from_micros(20));
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        locked(&self.0.state).has_ended = true;
        self.0.changed.notify_all();
    }
}

impl Shared {
    fn serve(&self, first: Option<Work>) {
        let mut next = first;
        while let Some(work) = next.or_else(|| self.wait()) {
            // Jobs catch their own panics; values that are dropped on the way may panic too.
            contained(work);
            next = None;
        }
    }

    /// The next work, or `None` when the thread is not needed any more.
    fn wait(&self) -> Option<Work> {
        let mut state = locked(&self.state);
        loop {
            if let Some(work) = state.works.pop_front() {
                return Some(work);
            }
            if state.has_ended || state.rests {
                return None;
            }
            state.idle += 1;
            let waited = self.changed.wait_timeout(state, IDLE);
            let (after, timeout) = waited.unwrap_or_else(std::sync::PoisonError::into_inner);
            state = after;
            state.idle -= 1;
            if timeout.timed_out() && state.works.is_empty() {
                return None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    const LONG: Duration = Duration::from_secs(20);

    #[test]
    fn work_runs_side_by_side_and_a_panic_is_the_end_of_none() {
        let threads = Threads::default();
        let (sender, receiver) = mpsc::channel();
        threads.run(Box::new(|| panic!("on purpose")));
        // Each of them waits for the other.
        let barrier = Arc::new(std::sync::Barrier::new(2));
        for number in 0..2 {
            let (sender, barrier) = (sender.clone(), Arc::clone(&barrier));
            threads.run(Box::new(move || {
                barrier.wait();
                sender.send(number).unwrap();
            }));
        }
        let mut seen = [receiver.recv_timeout(LONG).unwrap(), receiver.recv_timeout(LONG).unwrap()];
        seen.sort_unstable();
        assert_eq!(seen, [0, 1]);
    }

    #[test]
    fn a_thread_serves_again_and_ends_with_its_owner() {
        let threads = Threads::default();
        let (sender, receiver) = mpsc::channel();
        let mut first = None;
        for _ in 0..20 {
            let sender = sender.clone();
            threads.run(Box::new(move || sender.send(thread::current().id()).unwrap()));
            let id = receiver.recv_timeout(LONG).unwrap();
            assert_eq!(*first.get_or_insert(id), id);
            // Lets it wait again.
            while locked(&threads.0.state).idle == 0 {
                thread::yield_now();
            }
        }
        let shared = Arc::downgrade(&threads.0);
        drop(threads);
        let started = std::time::Instant::now();
        while shared.strong_count() > 0 {
            assert!(started.elapsed() < LONG, "the thread goes on");
            thread::yield_now();
        }
    }
}
