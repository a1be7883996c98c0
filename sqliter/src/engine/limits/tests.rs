//! When work ends, in place and on a thread.

use super::super::cancellation::CancelOnDrop;
use super::*;

const NO_WAITING: Waiting = Waiting::new(Duration::ZERO);

#[test]
fn work_that_ends_with_its_transaction_is_stopped_then() {
    let is_over = Arc::new(AtomicBool::new(false));
    on_thread(&[], NO_WAITING, None, || {
        ending_with(&is_over, || {
            assert!(may_go_on() && !must_stop());
            is_over.store(true, Ordering::Relaxed);
            assert!(!may_go_on() && must_stop());
        });
        assert!(may_go_on() && !must_stop(), "it is no matter of what comes after");
    });
}

/// Goes on until it is stopped; gives whether it was.
fn busy_for(time: Duration) -> bool {
    let started = Instant::now();
    while started.elapsed() < time {
        if !may_go_on() {
            return true;
        }
    }
    false
}

#[test]
fn work_in_place_is_stopped_when_its_budget_is_spent() {
    let (stopped, ended) = in_place(true, || busy_for(Duration::from_secs(20)));
    assert!(stopped);
    assert_eq!(ended, Ended { is_spent: true, needs_thread: true });
    let (stopped, ended) = in_place(false, || busy_for(BUDGET * 10));
    assert!(!stopped && !ended.is_spent, "there is no budget");
    assert!(may_go_on(), "and none for what comes afterwards");
}

#[test]
fn work_in_place_waits_for_no_lock() {
    let (again, ended) = in_place(false, || may_try_again(0));
    assert!(!again);
    assert_eq!(ended, Ended { is_spent: false, needs_thread: true });
}

#[test]
fn work_in_place_reads_so_many_bytes() {
    let (much, ended) = in_place(true, || is_too_much(MOST_READ) || is_too_much(MOST_READ + 1));
    assert!(much && ended.is_spent);
    let (much, ended) = in_place(false, || is_too_much(usize::MAX));
    assert!(!much && !ended.is_spent, "there is no budget");
}

#[test]
fn statements_that_are_not_stopped_have_a_budget_between_them() {
    let (stopped, ended) = in_place(false, || {
        stopping_between(|| {
            assert!(!busy_for(BUDGET * 2), "a statement goes on");
            must_stop()
        })
    });
    assert!(stopped && ended.is_spent);
    let (stopped, ended) = in_place(false, || busy_for(BUDGET * 2) || must_stop());
    assert!(!stopped && !ended.is_spent, "there is none for a single one");
}

#[test]
fn work_inside_work_has_limits_of_its_own() {
    let (_, outer) = in_place(true, || {
        let (_, inner) = in_place(true, || busy_for(Duration::from_secs(20)));
        assert!(inner.is_spent);
        assert!(!must_stop());
    });
    assert!(!outer.is_spent);
}

#[test]
fn work_on_a_thread_is_stopped_by_its_ticket_or_its_time() {
    let ticket = Arc::new(Ticket::default());
    let (stopped, spent) = on_thread(&[Arc::clone(&ticket)], NO_WAITING, None, || {
        assert!(!busy_for(BUDGET * 2));
        drop(CancelOnDrop(Arc::clone(&ticket)));
        busy_for(Duration::from_secs(20))
    });
    assert!(stopped && !spent.is_spent);
    let time = Some(Duration::from_millis(1));
    let (stopped, spent) = on_thread(&[], NO_WAITING, time, || busy_for(Duration::from_secs(20)));
    assert!(stopped && spent.is_spent);
    assert!(!must_stop());
}

#[test]
fn a_statement_that_is_spared_goes_on_until_its_transaction_is_over() {
    let (ticket, over) = (Arc::new(Ticket::default()), Arc::new(AtomicBool::new(false)));
    drop(CancelOnDrop(Arc::clone(&ticket)));
    on_thread(&[ticket], NO_WAITING, None, || {
        sparing(&over, || {
            assert!(may_go_on());
            assert!(must_stop(), "no other statement begins");
            over.store(true, Ordering::Relaxed);
            assert!(!may_go_on());
            over.store(false, Ordering::Relaxed);
        });
        assert!(!may_go_on());
    });
}

#[test]
fn work_that_is_watched_tells_that_it_goes_on() {
    use std::rc::Rc;
    let told = Rc::new(RefCell::new(Vec::new()));
    let heard = Rc::clone(&told);
    let tell: Box<dyn FnMut(u64)> = Box::new(move |steps| heard.borrow_mut().push(steps));
    on_thread(&[], NO_WAITING, None, || ticking(Some(tell), || busy_for(BETWEEN_TICKS * 5)));
    let steps = told.take();
    assert!((2..=6).contains(&steps.len()), "{steps:?}");
    assert!(!steps.contains(&0), "{steps:?}");
    busy_for(BETWEEN_TICKS * 2);
    assert!(told.borrow().is_empty(), "it is over");
}

#[test]
fn work_on_a_thread_waits_for_locks_up_to_its_limit() {
    let waits = || may_try_again(0);
    assert!(on_thread(&[], Waiting::new(Duration::from_secs(20)), None, waits).0);
    assert!(!on_thread(&[], NO_WAITING, None, waits).0);
    assert!(!on_thread(&[], Waiting::new(Duration::from_secs(20)), None, || without_waiting(waits)).0);
    assert!(!waits(), "nothing waits where no job runs");
}
