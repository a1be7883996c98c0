//! Who gets a connection next. The queue owns what waits: jobs themselves, and the wishes of transactions.
//!
//! It knows neither SQLite nor a clock, so that its rules can be tested one by one.
//!
//! * Whoever finds a connection idle takes it. Whoever does not leaves a wish, in the order of asking.
//! * Whoever gives a connection back is told what it is for next, and sees to that.
//! * What was given up by its future is taken out at once, wherever it stands, with all that it holds.
//! * A job needs its future no more. A connection is only *offered* to the future of a transaction: what it does not take
//!   goes on to the next, and it asks again under its first number.

mod offer;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use super::contained::{contained, drop_each};
use super::locked;
pub(super) use offer::{Offer, Taking};

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
