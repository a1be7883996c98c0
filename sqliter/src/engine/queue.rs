//! Who gets a connection next. The queue owns what waits: jobs themselves, and the wishes of transactions.
//!
//! It knows neither SQLite nor a clock, so that its rules can be tested one by one.
//!
//! * Whoever finds a connection idle takes it. Whoever does not leaves a wish, in the order of asking.
//! * Whoever gives a connection back is told what it is for next, and sees to that.
//! * What was given up by its future is taken out at once, wherever it stands, with all that it holds.
//! * A job needs its future no more. A connection is only *offered* to the future of a transaction: what it does not take
//!   goes on to the next, and it asks again under its first number.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::Waker;

use super::contained::{contained, drop_each};
use super::locked;
use crate::error::Error;

/// How many jobs run one after another in one transaction at most.
const MOST_TOGETHER: usize = 64;

/// A job that waits.
pub(super) trait Waits {
    /// Whether somebody still waits for it.
    fn is_wanted(&self) -> bool;

    /// Whether it may run in one transaction with others.
    fn joins(&self) -> bool;
}

/// The connections of one role, and who waits for them.
pub(super) struct Queue<C, J>(Mutex<State<C, J>>);

struct State<C, J> {
    idle: Vec<C>,
    /// How many connections there are, those included that are being opened.
    open: usize,
    most: usize,
    /// By their numbers, which are in the order of asking.
    waiting: BTreeMap<u64, Wish<C, J>>,
    last: u64,
    /// Whether somebody has, or is offered, all connections: until they are back, none is opened.
    all_are_taken: bool,
    has_ended: bool,
}

/// What a connection is wanted for.
pub(super) enum Wish<C, J> {
    Job(J),
    One(Arc<Offer<C>>),
    /// All connections at once, to close them.
    All(Arc<Offer<Vec<C>>>),
}

/// What came of asking.
pub(super) enum Asked<C, J> {
    /// A connection is there.
    Here(C, Wish<C, J>),
    /// It waits under this number.
    Waits(u64),
    /// It waits, and the caller has to open a connection.
    Opens(u64),
    /// The queue has ended.
    Refused(Wish<C, J>),
}

/// What a connection that comes back is for.
pub(super) enum Next<C, J> {
    Rests,
    /// The caller runs these: one, or several that join.
    Jobs(C, Vec<J>),
    /// Whoever it is offered to has been woken. The caller takes it back when it is not taken in time.
    Offered(Offered<C>),
    /// The queue has ended.
    Ended(C),
}

/// What the caller has to see to when there is a connection less.
pub(super) struct Need<C> {
    /// A connection has to be opened.
    pub(super) opens: bool,
    pub(super) offered: Option<Offered<C>>,
}

/// An offer under way.
pub(super) enum Offered<C> {
    One(Arc<Offer<C>>),
    All(Arc<Offer<Vec<C>>>),
}

impl<C, J: Waits> Queue<C, J> {
    /// A queue for so many connections, of which these are open.
    pub(super) fn new(most: usize, idle: Vec<C>) -> Self {
        let open = idle.len();
        let waiting = BTreeMap::new();
        Self(Mutex::new(State { idle, open, most, waiting, last: 0, all_are_taken: false, has_ended: false }))
    }

    /// A connection, if nobody has to be waited for.
    pub(super) fn take(&self) -> Option<C> {
        let mut state = locked(&self.0);
        if state.waiting.is_empty() { state.idle.pop() } else { None }
    }

    /// Asks for a connection.
    pub(super) fn ask(&self, wish: Wish<C, J>) -> Asked<C, J> {
        let mut state = locked(&self.0);
        if state.has_ended {
            return Asked::Refused(wish);
        }
        let number = match &wish {
            Wish::One(offer) => offer.number(&mut state.last),
            Wish::All(offer) => offer.number(&mut state.last),
            Wish::Job(_) => {
                state.last += 1;
                state.last
            }
        };
        if state.waiting.is_empty() {
            let takes_all = matches!(wish, Wish::All(_));
            if !takes_all && let Some(connection) = state.idle.pop() {
                return Asked::Here(connection, wish);
            }
            if let Wish::All(offer) = &wish
                && state.idle.len() == state.open
            {
                state.offer_all(offer);
                return Asked::Waits(number);
            }
        }
        // Whoever asks again stands where it stood.
        let needs_another = !matches!(wish, Wish::All(_)) && state.open < state.most;
        state.waiting.insert(number, wish);
        if needs_another && !state.closes_first() && !state.all_are_taken {
            state.open += 1;
            return Asked::Opens(number);
        }
        Asked::Waits(number)
    }

    /// Takes out what is given up. It is dropped without the lock, as it may be the user's.
    pub(super) fn give_up(&self, number: u64) {
        let given_up = locked(&self.0).waiting.remove(&number);
        contained(|| drop(given_up));
    }

    /// A connection comes back, or was opened.
    pub(super) fn give_back(&self, connection: C) -> Next<C, J> {
        let mut passed_over = Vec::new();
        let mut state = locked(&self.0);
        let next = state.next(connection, &mut passed_over);
        drop(state);
        // What is dropped may be the user's, and ask in its turn, or panic.
        drop_each(passed_over);
        next
    }

    /// So many connections do not come back.
    pub(super) fn lose(&self, connections: usize) -> Need<C> {
        let mut state = locked(&self.0);
        state.open = state.open.saturating_sub(connections);
        // What nobody wants any more needs no connection. It is dropped without the lock, as it may be the user's.
        let passed_over: Vec<_> = state.waiting.extract_if(.., |_, wish| !wish.is_wanted()).collect();
        let need = state.need();
        drop(state);
        drop_each(passed_over);
        need
    }

    /// What nobody wants any more, and kept others waiting while connections were idle, is gone. Gives one of these, which
    /// the caller gives back to those who wait, and asks again.
    pub(super) fn sweep(&self) -> (Option<C>, Need<C>) {
        let mut state = locked(&self.0);
        let passed_over: Vec<_> = state.waiting.extract_if(.., |_, wish| !wish.is_wanted()).collect();
        let idle = if state.waiting.is_empty() || state.closes_first() { None } else { state.idle.pop() };
        let need = if idle.is_none() { state.need() } else { Need { opens: false, offered: None } };
        drop(state);
        drop_each(passed_over);
        (idle, need)
    }

    /// Whether somebody waits.
    pub(super) fn is_waited_for(&self) -> bool {
        locked(&self.0).waiting.iter().any(|(_, wish)| wish.is_wanted())
    }

    /// Nobody has, or is offered, all connections any more: those that come back are back.
    pub(super) fn all_are_back(&self) -> Need<C> {
        let mut state = locked(&self.0);
        state.all_are_taken = false;
        state.need()
    }

    /// A connection could not be opened. Gives the wish that fails with it.
    pub(super) fn fail_to_open(&self) -> (Option<Wish<C, J>>, Need<C>) {
        let mut state = locked(&self.0);
        state.open = state.open.saturating_sub(1);
        let at = state.waiting.iter().find(|(_, wish)| !matches!(wish, Wish::All(_))).map(|(number, _)| *number);
        let failed = at.and_then(|at| state.waiting.remove(&at));
        (failed, state.need())
    }

    /// Ends the queue: connections that are in use come back as [`Next::Ended`]. Gives the others, and drops what waits.
    pub(super) fn end(&self) -> Vec<C> {
        let mut state = locked(&self.0);
        state.has_ended = true;
        let idle = std::mem::take(&mut state.idle);
        let waiting = std::mem::take(&mut state.waiting);
        drop(state);
        drop_each(waiting.into_values());
        idle
    }
}

impl<C, J: Waits> State<C, J> {
    /// The job that comes first, if it joins others.
    fn first_that_joins(&mut self) -> Option<J> {
        let first = self.waiting.first_entry().filter(|first| first.get().joins())?;
        match first.remove() {
            Wish::Job(job) => Some(job),
            Wish::One(_) | Wish::All(_) => None,
        }
    }

    /// Whether all connections are to be closed before anything else.
    fn closes_first(&self) -> bool {
        matches!(self.waiting.first_key_value(), Some((_, Wish::All(_))))
    }

    /// Offers all connections; gives whether they are wanted.
    fn offer_all(&mut self, offer: &Offer<Vec<C>>) -> bool {
        let refused = offer.put(std::mem::take(&mut self.idle));
        self.all_are_taken = refused.is_none();
        self.idle = refused.unwrap_or_default();
        self.all_are_taken
    }

    fn need(&mut self) -> Need<C> {
        if self.closes_first() && self.idle.len() == self.open {
            let offered = match self.waiting.pop_first() {
                Some((_, Wish::All(offer))) => self.offer_all(&offer).then_some(Offered::All(offer)),
                Some(_) | None => None,
            };
            if offered.is_some() {
                return Need { opens: false, offered };
            }
        }
        // Those who wait while a connection is in use get that one.
        let may_open = !self.has_ended && !self.all_are_taken && !self.closes_first() && self.open < self.most;
        let opens = may_open && !self.waiting.is_empty();
        self.open += usize::from(opens);
        Need { opens, offered: None }
    }

    fn next(&mut self, mut connection: C, passed_over: &mut Vec<Wish<C, J>>) -> Next<C, J> {
        if self.has_ended {
            return Next::Ended(connection);
        }
        loop {
            match self.waiting.pop_first() {
                None => {
                    self.idle.push(connection);
                    return Next::Rests;
                }
                Some((_, Wish::Job(job))) if !job.is_wanted() => passed_over.push(Wish::Job(job)),
                Some((_, Wish::Job(job))) => {
                    let mut jobs = vec![job];
                    while jobs.len() < MOST_TOGETHER
                        && jobs.first().is_some_and(Waits::joins)
                        && let Some(next) = self.first_that_joins()
                    {
                        match next.is_wanted() {
                            true => jobs.push(next),
                            false => passed_over.push(Wish::Job(next)),
                        }
                    }
                    return Next::Jobs(connection, jobs);
                }
                Some((_, Wish::One(offer))) => match offer.put(connection) {
                    None => return Next::Offered(Offered::One(offer)),
                    Some(refused) => connection = refused,
                },
                Some((number, Wish::All(offer))) => {
                    self.idle.push(connection);
                    if self.idle.len() < self.open && offer.is_wanted() {
                        self.waiting.insert(number, Wish::All(offer));
                        return Next::Rests;
                    }
                    if offer.is_wanted() && self.offer_all(&offer) {
                        return Next::Offered(Offered::All(offer));
                    }
                    match self.idle.pop() {
                        Some(one) => connection = one,
                        None => return Next::Rests,
                    }
                }
            }
        }
    }
}

impl<C, J: Waits> Wish<C, J> {
    fn is_wanted(&self) -> bool {
        match self {
            Self::Job(job) => job.is_wanted(),
            Self::One(offer) => offer.is_wanted(),
            Self::All(offer) => offer.is_wanted(),
        }
    }

    fn joins(&self) -> bool {
        matches!(self, Self::Job(job) if job.joins())
    }
}

/// What a future waits for that has to take it itself.
pub(super) struct Offer<C>(Mutex<Offering<C>>);

struct Offering<C> {
    /// 0 as long as it has not been asked for.
    number: u64,
    state: OfferState<C>,
    /// How often it was not taken in time.
    taken_back: u32,
    waker: Option<Waker>,
    /// What takes it back when it is not taken in time: dropped when it is taken.
    time_limit: Option<Box<dyn Send>>,
}

enum OfferState<C> {
    Waits,
    Here(C),
    /// It was not taken in time.
    TakenBack,
    /// No connection could be opened for it.
    Failed(Error),
    /// Nobody wants it any more.
    Over,
}

/// What the future of an offer sees.
pub(super) enum Taking<C> {
    Taken(C),
    Waits,
    /// It has to ask again.
    AskAgain,
    Failed(Error),
}

impl<C> Offer<C> {
    pub(super) fn new() -> Arc<Self> {
        let state = OfferState::Waits;
        Arc::new(Self(Mutex::new(Offering { number: 0, state, taken_back: 0, waker: None, time_limit: None })))
    }

    /// The number of its asking: the next one, unless it has asked before.
    fn number(&self, last: &mut u64) -> u64 {
        let mut offer = locked(&self.0);
        if offer.number == 0 {
            *last += 1;
            offer.number = *last;
        }
        offer.number
    }

    fn is_wanted(&self) -> bool {
        !matches!(locked(&self.0).state, OfferState::Over)
    }

    /// Offers it. Gives it back when nobody wants it any more.
    pub(super) fn put(&self, what: C) -> Option<C> {
        let mut offer = locked(&self.0);
        match offer.state {
            OfferState::Over => return Some(what),
            OfferState::Waits | OfferState::Here(_) | OfferState::TakenBack | OfferState::Failed(_) => {}
        }
        offer.state = OfferState::Here(what);
        wake(offer);
        None
    }

    /// What takes it back when it is not taken in time.
    pub(super) fn limit(&self, time_limit: Box<dyn Send>) {
        let mut offer = locked(&self.0);
        let dropped = match offer.state {
            OfferState::Here(_) => offer.time_limit.replace(time_limit),
            OfferState::Waits | OfferState::TakenBack | OfferState::Failed(_) | OfferState::Over => Some(time_limit),
        };
        drop(offer);
        drop(dropped);
    }

    /// No connection could be opened for it.
    pub(super) fn fail(&self, error: Error) {
        let mut offer = locked(&self.0);
        if let OfferState::Waits | OfferState::TakenBack = offer.state {
            offer.state = OfferState::Failed(error);
            wake(offer);
        }
    }

    /// Takes back what was not taken.
    pub(super) fn take_back(&self) -> Option<C> {
        let mut offer = locked(&self.0);
        match std::mem::replace(&mut offer.state, OfferState::TakenBack) {
            OfferState::Here(what) => {
                offer.taken_back = offer.taken_back.saturating_add(1);
                Some(what)
            }
            before @ (OfferState::Waits | OfferState::TakenBack | OfferState::Failed(_) | OfferState::Over) => {
                offer.state = before;
                None
            }
        }
    }

    /// How often it was not taken in time. Its future was polled after all but the last of these times, as it asks again then.
    pub(super) fn taken_back(&self) -> u32 {
        locked(&self.0).taken_back
    }

    /// Takes what is offered.
    pub(super) fn poll(&self, waker: &Waker) -> Taking<C> {
        // A waker is the user's: it is neither cloned nor dropped under the lock.
        let mut waker = Some(waker.clone());
        let mut offer = locked(&self.0);
        let taking = match std::mem::replace(&mut offer.state, OfferState::Waits) {
            OfferState::Here(what) => {
                offer.state = OfferState::Over;
                Taking::Taken(what)
            }
            OfferState::TakenBack => Taking::AskAgain,
            OfferState::Waits => Taking::Waits,
            OfferState::Failed(error) => {
                offer.state = OfferState::Over;
                Taking::Failed(error)
            }
            OfferState::Over => {
                offer.state = OfferState::Over;
                Taking::Waits
            }
        };
        std::mem::swap(&mut offer.waker, &mut waker);
        let time_limit = if matches!(taking, Taking::Taken(_)) { offer.time_limit.take() } else { None };
        drop(offer);
        drop(time_limit);
        contained(|| drop(waker));
        taking
    }

    /// Nobody wants it any more. Gives what was offered.
    pub(super) fn give_up(&self) -> Option<C> {
        let mut offer = locked(&self.0);
        let (before, time_limit) = (std::mem::replace(&mut offer.state, OfferState::Over), offer.time_limit.take());
        drop(offer);
        drop(time_limit);
        match before {
            OfferState::Here(what) => Some(what),
            OfferState::Waits | OfferState::TakenBack | OfferState::Failed(_) | OfferState::Over => None,
        }
    }
}

/// Wakes the future of an offer after letting go of its lock.
fn wake<C>(mut offer: MutexGuard<'_, Offering<C>>) {
    let waker = offer.waker.take();
    drop(offer);
    if let Some(waker) = waker {
        contained(|| waker.wake());
    }
}

#[cfg(test)]
mod tests {
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
}
