//! What the statements that run on this thread must keep to.
//!
//! In place, on a thread of the program, they have a budget, and wait for no lock: what needs more runs anew on a thread
//! of the engine. There, they run until their job is cancelled, and wait for the locks of other connections.
//!
//! SQLite calls the two handlers of a connection on the thread of the statement, and gives them no more than a number: so
//! the limits belong to the thread.

#[cfg(test)]
mod tests;

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::busy::{LockedOut, Waiting};
use super::cancellation::Ticket;
use crate::error::code;

/// After how many steps of SQLite's virtual machine a statement looks at its limits.
pub(super) const STEPS_BETWEEN_CHECKS: i32 = 128;

/// For how long a job may keep the thread of the program.
const BUDGET: Duration = Duration::from_micros(200);

/// What took less than this on a thread is tried in place again: its budget was spent by other work of the machine.
pub(super) const BRIEF: Duration = Duration::from_micros(100);

/// How many bytes of text and blobs a job may read in place.
const MOST_READ: usize = 512 * 1024;

/// The longest text, blob or row that SQLite touches in place.
pub(super) const LONGEST_IN_PLACE: i32 = 64 * 1024;

thread_local! {
    static IS_UNDISTURBED: Cell<bool> = const { Cell::new(false) };
    static IN_PLACE: Cell<InPlace> = const { Cell::new(InPlace::NOT) };
    static ON_THREAD: RefCell<Option<OnThread>> = const { RefCell::new(None) };
    static TICKS: RefCell<Option<Ticks>> = const { RefCell::new(None) };
}

/// The state of work in place.
#[derive(Debug, Clone, Copy)]
struct InPlace {
    is_on: bool,
    has_budget: bool,
    /// When the first check was made.
    since: Option<Instant>,
    is_spent: bool,
    /// Whether it met a lock, a value that is too large in place, or what SQLite does in one step.
    needs_thread: bool,
    /// Whether the budget is looked at between statements only.
    stops_between: bool,
}

impl InPlace {
    const NOT: Self = Self {
        is_on: false,
        has_budget: false,
        since: None,
        is_spent: false,
        needs_thread: false,
        stops_between: false,
    };
}

/// How work in place has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ended {
    /// It took longer than it may.
    pub(super) is_spent: bool,
    /// It runs anew on a thread.
    pub(super) needs_thread: bool,
}

/// Runs work on the thread of the program, with or without a budget.
pub(super) fn in_place<T>(has_budget: bool, work: impl FnOnce() -> T) -> (T, Ended) {
    struct Restored(InPlace);
    impl Drop for Restored {
        fn drop(&mut self) {
            IN_PLACE.set(self.0);
        }
    }
    let before = Restored(IN_PLACE.replace(InPlace { is_on: true, has_budget, ..InPlace::NOT }));
    let value = work();
    let InPlace { is_spent, needs_thread, .. } = IN_PLACE.get();
    drop(before);
    (value, Ended { is_spent, needs_thread: is_spent || needs_thread })
}

/// Whether the work on this thread is work in place.
pub(super) fn is_in_place() -> bool {
    IN_PLACE.get().is_on
}

/// Work in place cannot go on without keeping its thread for long.
pub(super) fn needs_thread() {
    let now = IN_PLACE.get();
    IN_PLACE.set(InPlace { needs_thread: now.is_on, ..now });
}

/// Runs several statements of which all are undone when one fails. In place without a budget, where a statement that is
/// stopped would undo more than that, they have one between them.
pub(super) fn stopping_between<T>(work: impl FnOnce() -> T) -> T {
    let before = IN_PLACE.get();
    if before.is_on && !before.has_budget && !before.stops_between {
        IN_PLACE.set(InPlace { stops_between: true, since: Some(Instant::now()), ..before });
    }
    let value = work();
    IN_PLACE.set(InPlace { stops_between: before.stops_between, ..IN_PLACE.get() });
    value
}

/// Whether work in place will run anew elsewhere, so that nobody needs to hear of it.
pub(super) fn runs_anew() -> bool {
    let now = IN_PLACE.get();
    now.is_spent || now.needs_thread
}

/// Whether the rows that were read in place have too many bytes. The work has to end then.
pub(super) fn is_too_much(bytes: usize) -> bool {
    if bytes <= MOST_READ {
        return false;
    }
    let mut now = IN_PLACE.get();
    if !now.has_budget {
        return false;
    }
    now.is_spent = true;
    IN_PLACE.set(now);
    true
}

/// SQLite has reported this code. What met a lock, or a value that is too large in place, runs anew on a thread.
pub(super) fn has_reported(code: i32) {
    if let code::BUSY | code::TOO_BIG = code::primary(code) {
        needs_thread();
    }
}

/// The state of work on a thread of the engine.
struct OnThread {
    /// Of those who want the work: it stops when all are cancelled.
    tickets: Vec<Arc<Ticket>>,
    waiting: Waiting,
    /// By when it must be done, for work that others wait for.
    until: Option<Instant>,
    is_spent: bool,
    is_patient: bool,
    /// For work that is not interrupted before this is set.
    spared_until: Option<Arc<AtomicBool>>,
    /// For work that ends when this is set.
    ends_with: Option<Arc<AtomicBool>>,
}

/// How work on a thread has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stopped {
    /// Its time was over.
    pub(super) is_spent: bool,
    /// The lock that it waited for in vain.
    pub(super) locked_out: Option<LockedOut>,
}

/// Runs work on a thread of the engine.
pub(super) fn on_thread<T>(
    tickets: &[Arc<Ticket>],
    waiting: Waiting,
    time: Option<Duration>,
    work: impl FnOnce() -> T,
) -> (T, Stopped) {
    struct Restored(Option<OnThread>);
    impl Drop for Restored {
        fn drop(&mut self) {
            ON_THREAD.set(self.0.take());
        }
    }
    let limits = OnThread {
        tickets: tickets.to_vec(),
        waiting,
        until: time.and_then(|time| Instant::now().checked_add(time)),
        is_spent: false,
        is_patient: true,
        spared_until: None,
        ends_with: None,
    };
    let before = Restored(ON_THREAD.replace(Some(limits)));
    let value = work();
    let stopped = ON_THREAD.with_borrow(|limits| Stopped {
        is_spent: limits.as_ref().is_some_and(|limits| limits.is_spent),
        locked_out: limits.as_ref().and_then(|limits| limits.waiting.locked_out()),
    });
    drop(before);
    (value, stopped)
}

/// Runs work that must be done even if its job was cancelled.
pub(super) fn regardless<T>(work: impl FnOnce() -> T) -> T {
    on_thread(&[], Waiting::new(Duration::ZERO), None, work).0
}

/// Runs work that waits for no lock.
pub(super) fn without_waiting<T>(work: impl FnOnce() -> T) -> T {
    let set = |patient| {
        ON_THREAD
            .with_borrow_mut(|limits| limits.as_mut().map(|limits| std::mem::replace(&mut limits.is_patient, patient)))
    };
    let before = set(false);
    let value = work();
    if let Some(before) = before {
        set(before);
    }
    value
}

/// Runs work whose statements are not interrupted when its job is cancelled, until the transaction around it is over. It ends
/// between two statements.
///
/// SQLite rolls the whole transaction back when a statement inside it is interrupted that writes:
/// <https://www.sqlite.org/c3ref/interrupt.html>.
pub(super) fn sparing<T>(is_over: &Arc<AtomicBool>, work: impl FnOnce() -> T) -> T {
    let set = |until| {
        ON_THREAD.with_borrow_mut(|limits| {
            limits.as_mut().and_then(|limits| std::mem::replace(&mut limits.spared_until, until))
        })
    };
    let before = set(Some(Arc::clone(is_over)));
    let value = work();
    set(before);
    value
}

/// Runs work that only reads, and is interrupted when the transaction around it is over.
pub(super) fn ending_with<T>(is_over: &Arc<AtomicBool>, work: impl FnOnce() -> T) -> T {
    let set = |over| {
        ON_THREAD
            .with_borrow_mut(|limits| limits.as_mut().and_then(|limits| std::mem::replace(&mut limits.ends_with, over)))
    };
    let before = set(Some(Arc::clone(is_over)));
    let value = work();
    set(before);
    value
}

/// How often work that is watched tells that it goes on.
const BETWEEN_TICKS: Duration = Duration::from_millis(50);

/// Who is told that work goes on.
struct Ticks {
    tell: Box<dyn FnMut(u64)>,
    /// The steps of SQLite since it was told.
    steps: u64,
    last: Instant,
}

/// Runs work on a thread of the engine; `tell` gets how many steps SQLite has made since it was told before, some
/// twenty times a second. It must not use the connection.
pub(super) fn ticking<T>(tell: Option<Box<dyn FnMut(u64)>>, work: impl FnOnce() -> T) -> T {
    struct Restored(Option<Ticks>);
    impl Drop for Restored {
        fn drop(&mut self) {
            TICKS.set(self.0.take());
        }
    }
    let ticks = tell.map(|tell| Ticks { tell, steps: 0, last: Instant::now() });
    let before = Restored(TICKS.replace(ticks));
    let value = work();
    drop(before);
    value
}

impl Ticks {
    fn step(&mut self) {
        self.steps += STEPS_BETWEEN_CHECKS.unsigned_abs() as u64;
        // The clock takes longer than a check.
        if self.steps & 0xffff < STEPS_BETWEEN_CHECKS.unsigned_abs() as u64 && self.last.elapsed() >= BETWEEN_TICKS {
            self.last = Instant::now();
            (self.tell)(std::mem::take(&mut self.steps));
        }
    }
}

/// Whether the job on this thread must not go on.
pub(super) fn must_stop() -> bool {
    let mut now = IN_PLACE.get();
    if now.is_on {
        if now.stops_between && !now.is_spent && now.since.is_some_and(|since| since.elapsed() > BUDGET) {
            now.is_spent = true;
            IN_PLACE.set(now);
        }
        return now.is_spent;
    }
    ON_THREAD.with_borrow(|limits| limits.as_ref().is_some_and(OnThread::must_stop))
}

/// Runs a statement that begins or ends a transaction or a savepoint without interrupting it.
///
/// SQLite asks a last time when a statement is over: a `COMMIT` that is told to stop then has been done, and reports that
/// it was interrupted all the same.
pub(super) fn undisturbed<T>(work: impl FnOnce() -> T) -> T {
    let before = IS_UNDISTURBED.replace(true);
    let value = work();
    IS_UNDISTURBED.set(before);
    value
}

/// Called by SQLite every few steps of a statement. With `false` the statement is interrupted.
pub(super) fn may_go_on() -> bool {
    if IS_UNDISTURBED.get() {
        return true;
    }
    let mut now = IN_PLACE.get();
    if now.is_on {
        if now.has_budget && !now.is_spent {
            match now.since {
                None => now.since = Some(Instant::now()),
                Some(since) => now.is_spent = since.elapsed() > BUDGET,
            }
            IN_PLACE.set(now);
        }
        return !now.is_spent;
    }
    TICKS.with_borrow_mut(|ticks| ticks.iter_mut().for_each(Ticks::step));
    ON_THREAD.with_borrow_mut(|limits| limits.as_mut().is_none_or(OnThread::may_go_on))
}

/// Called by SQLite when it meets a lock, with the number of attempts that were made before. With `true` it makes another.
pub(super) fn may_try_again(attempts: i32) -> bool {
    let mut now = IN_PLACE.get();
    if now.is_on {
        now.needs_thread = true;
        IN_PLACE.set(now);
        return false;
    }
    let ask = |limits: &mut OnThread| limits.is_patient && !limits.must_stop() && limits.waiting.pause(attempts);
    ON_THREAD.with_borrow_mut(|limits| limits.as_mut().is_some_and(ask))
}

impl OnThread {
    fn must_stop(&self) -> bool {
        self.is_spent
            || self.ends_with.as_ref().is_some_and(|over| over.load(Ordering::Relaxed))
            || !self.tickets.is_empty() && self.tickets.iter().all(|ticket| ticket.is_cancelled())
    }

    fn may_go_on(&mut self) -> bool {
        if self.until.is_some_and(|until| Instant::now() > until) {
            self.is_spent = true;
        }
        let is_spared = self.spared_until.as_ref().is_some_and(|over| !over.load(Ordering::Relaxed));
        is_spared || !self.must_stop()
    }
}
