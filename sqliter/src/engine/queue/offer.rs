//! What is offered to a future, which has to take it itself.

use std::sync::{Arc, Mutex, MutexGuard};
use std::task::Waker;

use super::super::contained::contained;
use super::super::locked;
use crate::error::Error;

/// What a future waits for.
pub(in crate::engine) struct Offer<C>(Mutex<Offering<C>>);

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
pub(in crate::engine) enum Taking<C> {
    Taken(C),
    Waits,
    /// It has to ask again.
    AskAgain,
    Failed(Error),
}

impl<C> Offer<C> {
    pub(in crate::engine) fn new() -> Arc<Self> {
        let state = OfferState::Waits;
        Arc::new(Self(Mutex::new(Offering { number: 0, state, taken_back: 0, waker: None, time_limit: None })))
    }

    /// The number of its asking: the next one, unless it has asked before.
    pub(super) fn number(&self, last: &mut u64) -> u64 {
        let mut offer = locked(&self.0);
        if offer.number == 0 {
            *last += 1;
            offer.number = *last;
        }
        offer.number
    }

    pub(super) fn is_wanted(&self) -> bool {
        !matches!(locked(&self.0).state, OfferState::Over)
    }

    /// Offers it. Gives it back when nobody wants it any more.
    pub(in crate::engine) fn put(&self, what: C) -> Option<C> {
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
    pub(in crate::engine) fn limit(&self, time_limit: Box<dyn Send>) {
        let mut offer = locked(&self.0);
        let dropped = match offer.state {
            OfferState::Here(_) => offer.time_limit.replace(time_limit),
            OfferState::Waits | OfferState::TakenBack | OfferState::Failed(_) | OfferState::Over => Some(time_limit),
        };
        drop(offer);
        drop(dropped);
    }

    /// No connection could be opened for it.
    pub(in crate::engine) fn fail(&self, error: Error) {
        let mut offer = locked(&self.0);
        if let OfferState::Waits | OfferState::TakenBack = offer.state {
            offer.state = OfferState::Failed(error);
            wake(offer);
        }
    }

    /// Takes back what was not taken.
    pub(in crate::engine) fn take_back(&self) -> Option<C> {
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
    pub(in crate::engine) fn taken_back(&self) -> u32 {
        locked(&self.0).taken_back
    }

    /// Takes what is offered.
    pub(in crate::engine) fn poll(&self, waker: &Waker) -> Taking<C> {
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
    pub(in crate::engine) fn give_up(&self) -> Option<C> {
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
