//! The rules of the queue, one by one.

use std::task::Waker;

use super::*;

/// A job with a name: in capitals if it joins, after a `-` if nobody wants it any more.
#[derive(Debug, PartialEq)]
struct Job(&'static str);

impl Waits for Job {
    fn is_wanted(&self) -> bool {
        !self.0.starts_with('-')
    }

    fn joins(&self) -> bool {
        self.0.ends_with(|c: char| c.is_ascii_uppercase())
    }
}

impl<J: Waits> Waits for Arc<J> {
    fn is_wanted(&self) -> bool {
        self.as_ref().is_wanted()
    }

    fn joins(&self) -> bool {
        self.as_ref().joins()
    }
}

/// Connections are numbers.
type Line = Queue<u32, Job>;

fn ask(queue: &Line, name: &'static str) {
    assert!(matches!(queue.ask(Wish::Job(Job(name))), Asked::Waits(_)), "{name}");
}

fn wish(queue: &Line, offer: &Arc<Offer<u32>>) {
    assert!(matches!(queue.ask(Wish::One(Arc::clone(offer))), Asked::Waits(_)));
}

/// What comes next, in words.
fn next(queue: &Line, connection: u32) -> String {
    match queue.give_back(connection) {
        Next::Rests => "rests".to_owned(),
        Next::Jobs(connection, jobs) => {
            let names: Vec<_> = jobs.iter().map(|job| job.0).collect();
            format!("{connection}: {}", names.join(" "))
        }
        Next::Offered(_) => "offered".to_owned(),
        Next::Ended(_) => "ended".to_owned(),
    }
}

fn poll<C>(offer: &Offer<C>) -> Taking<C> {
    offer.poll(Waker::noop())
}

#[test]
fn whoever_finds_a_connection_takes_it() {
    let queue = Line::new(1, vec![7]);
    assert_eq!(queue.take(), Some(7));
    assert_eq!(queue.take(), None);
    assert_eq!(next(&queue, 7), "rests");
    assert!(matches!(queue.ask(Wish::Job(Job("a"))), Asked::Here(7, Wish::Job(Job("a")))));
}

#[test]
fn the_order_of_asking_stays_and_neighbours_join() {
    let queue = Line::new(1, vec![7]);
    assert_eq!(queue.take(), Some(7));
    let offer = Offer::new();
    ["A", "B", "c", "D", "E"].into_iter().for_each(|name| ask(&queue, name));
    wish(&queue, &offer);
    ["F", "G"].into_iter().for_each(|name| ask(&queue, name));
    assert_eq!(next(&queue, 7), "7: A B");
    assert_eq!(next(&queue, 7), "7: c");
    assert_eq!(next(&queue, 7), "7: D E");
    assert_eq!(next(&queue, 7), "offered");
    assert!(matches!(poll(&offer), Taking::Taken(7)));
    assert_eq!(next(&queue, 7), "7: F G");
    assert_eq!(next(&queue, 7), "rests");
}

#[test]
fn nobody_overtakes_those_who_wait() {
    let queue = Line::new(1, vec![7]);
    assert_eq!(queue.take(), Some(7));
    ask(&queue, "a");
    ask(&queue, "b");
    assert_eq!(next(&queue, 7), "7: a");
    assert_eq!(queue.take(), None, "b comes first");
    ask(&queue, "c");
    assert_eq!(next(&queue, 7), "7: b");
    assert_eq!(next(&queue, 7), "7: c");
}

#[test]
fn so_many_run_together() {
    let queue = Line::new(1, vec![7]);
    queue.take();
    (0..MOST_TOGETHER + 3).for_each(|_| ask(&queue, "A"));
    let Next::Jobs(_, first) = queue.give_back(7) else { panic!() };
    let Next::Jobs(_, second) = queue.give_back(7) else { panic!() };
    assert_eq!((first.len(), second.len()), (MOST_TOGETHER, 3));
}

#[test]
fn what_nobody_wants_any_more_is_passed_over() {
    let queue = Line::new(1, vec![7]);
    queue.take();
    let gone = Offer::new();
    ["-a", "A", "-B", "C", "-d"].into_iter().for_each(|name| ask(&queue, name));
    wish(&queue, &gone);
    ask(&queue, "e");
    assert!(gone.give_up().is_none());
    assert_eq!(next(&queue, 7), "7: A C");
    assert_eq!(next(&queue, 7), "7: e");
    assert_eq!(next(&queue, 7), "rests");
}

#[test]
fn what_is_given_up_is_gone_at_once() {
    let queue = Queue::<u32, Arc<Job>>::new(1, vec![7]);
    queue.take();
    let jobs: Vec<_> = ["a", "b", "c"].into_iter().map(|name| Arc::new(Job(name))).collect();
    let numbers: Vec<_> = jobs
        .iter()
        .map(|job| match queue.ask(Wish::Job(Arc::clone(job))) {
            Asked::Waits(number) => number,
            Asked::Here(..) | Asked::Opens(_) | Asked::Refused(_) => panic!(),
        })
        .collect();
    let counts = || jobs.iter().map(Arc::strong_count).collect::<Vec<_>>();
    queue.give_up(numbers[1]);
    assert_eq!(counts(), [2, 1, 2]);
    queue.give_up(numbers[1]);
    assert!(matches!(queue.give_back(7), Next::Jobs(7, jobs) if jobs[0].0 == "a"));
    queue.give_up(numbers[0]);
    assert!(matches!(queue.give_back(7), Next::Jobs(7, jobs) if jobs[0].0 == "c"));
    assert!(matches!(queue.give_back(7), Next::Rests));
    assert_eq!(counts(), [1, 1, 1]);
}

#[test]
fn what_is_not_taken_goes_on_and_asks_again_under_its_number() {
    let queue = Line::new(1, vec![7]);
    queue.take();
    let slow = Offer::new();
    assert!(matches!(poll(&slow), Taking::Waits));
    wish(&queue, &slow);
    ask(&queue, "a");
    ask(&queue, "b");
    assert_eq!(next(&queue, 7), "offered");
    assert_eq!(slow.take_back(), Some(7));
    assert_eq!(slow.take_back(), None);
    assert_eq!(next(&queue, 7), "7: a", "the next one goes on");
    ask(&queue, "c");
    assert!(matches!(poll(&slow), Taking::AskAgain));
    wish(&queue, &slow);
    assert_eq!(next(&queue, 7), "offered", "it stands before those who asked later");
    assert!(matches!(poll(&slow), Taking::Taken(7)));
    assert_eq!(next(&queue, 7), "7: b");
    assert_eq!(next(&queue, 7), "7: c");
}

#[test]
fn what_is_taken_back_again_and_again_is_counted() {
    let queue = Line::new(1, vec![7]);
    queue.take();
    let slow = Offer::new();
    wish(&queue, &slow);
    for times in 0..3 {
        assert_eq!(slow.taken_back(), times);
        assert_eq!(next(&queue, 7), "offered");
        assert_eq!(slow.take_back(), Some(7));
        assert!(slow.take_back().is_none(), "it counts once");
        assert!(matches!(poll(&slow), Taking::AskAgain));
        wish(&queue, &slow);
    }
}

/// A job whose drop panics, unless it is wanted.
struct Bomb(bool);

impl Waits for Bomb {
    fn is_wanted(&self) -> bool {
        self.0
    }

    fn joins(&self) -> bool {
        true
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        assert!(self.0, "on purpose");
    }
}

#[test]
fn a_panic_in_the_drop_of_what_is_passed_over_loses_neither_a_connection_nor_a_job() {
    let queue = Queue::<u32, Bomb>::new(1, vec![7]);
    let ask = |wanted| assert!(matches!(queue.ask(Wish::Job(Bomb(wanted))), Asked::Waits(_)));
    assert_eq!(queue.take(), Some(7));
    [false, false, true, false, true].into_iter().for_each(ask);
    assert!(matches!(queue.give_back(7), Next::Jobs(7, jobs) if jobs.len() == 2));
    [false, false].into_iter().for_each(ask);
    assert!(matches!(queue.give_back(7), Next::Rests));
    assert_eq!(queue.take(), Some(7));
    [false, false, true].into_iter().for_each(ask);
    assert!(queue.lose(1).opens, "another connection is opened for the one that is wanted");
    [false, false].into_iter().for_each(ask);
    assert!(queue.end().is_empty());
}

/// A waker that panics, as one does that sends to a channel which is closed.
struct Broken;

impl std::task::Wake for Broken {
    fn wake(self: Arc<Self>) {
        panic!("on purpose");
    }
}

#[test]
fn a_waker_that_panics_is_offered_what_it_wakes_for() {
    let queue = Line::new(1, vec![7]);
    queue.take();
    let offer = Offer::new();
    wish(&queue, &offer);
    assert!(matches!(offer.poll(&Waker::from(Arc::new(Broken))), Taking::Waits));
    assert_eq!(next(&queue, 7), "offered");
    assert!(matches!(poll(&offer), Taking::Taken(7)));
}

#[test]
fn a_future_that_is_dropped_gives_back_what_it_was_offered() {
    let queue = Line::new(1, vec![7]);
    queue.take();
    let offer = Offer::new();
    wish(&queue, &offer);
    assert_eq!(next(&queue, 7), "offered");
    assert_eq!(offer.give_up(), Some(7));
    assert_eq!(offer.take_back(), None);
    assert_eq!(offer.put(8), Some(8));
    assert_eq!(next(&queue, 7), "rests");
}

#[test]
fn connections_are_opened_up_to_their_number() {
    let queue = Line::new(2, Vec::new());
    assert!(matches!(queue.ask(Wish::Job(Job("a"))), Asked::Opens(_)));
    assert!(matches!(queue.ask(Wish::Job(Job("b"))), Asked::Opens(_)));
    ask(&queue, "c");
    assert_eq!(next(&queue, 1), "1: a");
    let (failed, need) = queue.fail_to_open();
    assert!(matches!(failed, Some(Wish::Job(Job("b")))), "the error is told to one");
    assert!(need.opens, "and it is tried again for the others");
    assert_eq!(next(&queue, 2), "2: c");
    assert!(!queue.lose(1).opens, "nobody waits");
    assert_eq!(next(&queue, 1), "rests");
}

#[test]
fn all_connections_are_given_when_nobody_uses_them_and_nobody_goes_before() {
    let queue = Line::new(3, vec![1, 2]);
    queue.take();
    let all = Offer::new();
    assert!(matches!(queue.ask(Wish::All(Arc::clone(&all))), Asked::Waits(_)));
    assert_eq!(queue.take(), None, "it closes");
    ask(&queue, "a");
    assert_eq!(next(&queue, 2), "offered");
    let Taking::Taken(mut taken) = poll(&all) else { panic!() };
    taken.sort_unstable();
    assert_eq!(taken, [1, 2]);
    ask(&queue, "b");
    assert!(!queue.lose(2).opens, "none is opened while they are being closed");
    assert!(queue.all_are_back().opens, "one is opened anew for who waits");
    assert_eq!(next(&queue, 3), "3: a");
}

#[test]
fn whoever_waited_behind_closing_goes_on_when_that_is_given_up() {
    let queue = Line::new(2, vec![1, 2]);
    queue.take();
    let all = Offer::new();
    assert!(matches!(queue.ask(Wish::All(Arc::clone(&all))), Asked::Waits(_)));
    ask(&queue, "a");
    assert!(queue.sweep().0.is_none(), "it closes");
    assert!(all.give_up().is_none());
    let (idle, _) = queue.sweep();
    assert_eq!(next(&queue, idle.unwrap()), "1: a");
    assert!(queue.sweep().0.is_none());
    // The same where a connection is opened for whoever waits.
    let queue = Line::new(2, vec![1]);
    queue.take();
    let all = Offer::new();
    assert!(matches!(queue.ask(Wish::All(Arc::clone(&all))), Asked::Waits(_)));
    ask(&queue, "a");
    assert!(queue.is_waited_for());
    assert!(all.give_up().is_none());
    assert!(queue.sweep().1.opens);
    assert_eq!(next(&queue, 2), "2: a");
    assert!(!queue.is_waited_for());
}

#[test]
fn nothing_is_opened_after_closing_for_who_has_gone_meanwhile() {
    let queue = Line::new(2, vec![1]);
    let all = Offer::new();
    assert!(matches!(queue.ask(Wish::All(Arc::clone(&all))), Asked::Waits(_)));
    assert!(matches!(poll(&all), Taking::Taken(_)));
    ask(&queue, "-a");
    assert!(!queue.lose(1).opens);
    assert!(!queue.all_are_back().opens);
    assert!(matches!(queue.ask(Wish::Job(Job("b"))), Asked::Opens(_)));
}

#[test]
fn a_queue_that_has_ended_takes_no_wishes() {
    let queue = Line::new(2, vec![1, 2]);
    queue.take();
    assert_eq!(queue.end(), [1]);
    assert!(matches!(queue.ask(Wish::Job(Job("a"))), Asked::Refused(_)));
    assert_eq!(next(&queue, 2), "ended");
}
