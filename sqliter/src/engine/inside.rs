//! Which transactions and snapshots the code that is being polled stands inside.
//!
//! The future of such a closure cannot end before what it awaits: what it asks of the database itself, and not of the
//! transaction, would wait for ever where there is no other connection. Two futures beside each other in one task are another
//! matter, and wait in turn.

use std::cell::RefCell;
use std::panic::Location;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use super::asking::TransactionLane;
use super::lane::{Hands, Lane, Role};

/// A closure that is being polled.
#[derive(Clone, Copy)]
struct Entered {
    database: usize,
    /// The lane whose connection it has.
    home: usize,
    /// The lane of the transaction, of which several closures may be parts.
    transaction: usize,
    /// The turn that it has of the transaction around it.
    turn: Option<TurnNumber>,
    inside: Inside,
}

/// What code stands inside.
#[derive(Clone, Copy)]
pub(crate) struct Inside {
    /// `transaction` or `snapshot`.
    pub(crate) kind: &'static str,
    /// Where it was begun.
    pub(crate) at: &'static Location<'static>,
}

/// What tells the turns of transactions from each other.
pub(crate) type TurnNumber = usize;

thread_local! {
    static ENTERED: RefCell<Vec<Entered>> = const { RefCell::new(Vec::new()) };
}

pub(crate) fn number<T>(shared: &Arc<T>) -> usize {
    Arc::as_ptr(shared).addr()
}

/// The innermost of the closures that are being polled, if they have all connections of the lane.
pub(super) fn with_all_of(lane: &Arc<Lane>) -> Option<Inside> {
    let home = number(lane);
    ENTERED.with_borrow(|entered| {
        let mut transactions: Vec<_> = entered.iter().filter(|it| it.home == home).map(|it| it.transaction).collect();
        transactions.sort_unstable();
        transactions.dedup();
        let last = entered.iter().rfind(|it| it.home == home)?;
        (transactions.len() >= lane.most()).then_some(last.inside)
    })
}

/// The closure that is being polled and has this turn.
pub(crate) fn with_turn(turn: TurnNumber) -> Option<Inside> {
    ENTERED.with_borrow(|entered| entered.iter().rfind(|it| it.turn == Some(turn)).map(|it| it.inside))
}

/// The innermost of the closures on the database that are being polled.
pub(super) fn any_of(hands: &Arc<Hands>) -> Option<Inside> {
    let database = number(hands);
    ENTERED.with_borrow(|entered| entered.iter().rfind(|it| it.database == database).map(|it| it.inside))
}

/// The future of a closure inside a transaction or a snapshot, which may have its turn of one around it.
pub(crate) async fn inside<F: Future>(
    lane: &TransactionLane,
    turn: Option<TurnNumber>,
    inside: Inside,
    work: F,
) -> F::Output {
    let lane = lane.lane();
    let home = match &lane.role {
        Role::Transaction { home, .. } => home,
        Role::Readers(_) | Role::Writer => lane,
    };
    let (database, home, transaction) = (number(&lane.hands), number(home), number(lane));
    let entered = Entered { database, home, transaction, turn, inside };
    let mut work = pin!(work);
    std::future::poll_fn(move |cx| poll_inside(entered, work.as_mut(), cx)).await
}

fn poll_inside<F: Future>(entered: Entered, work: Pin<&mut F>, cx: &mut Context<'_>) -> Poll<F::Output> {
    struct Left;
    impl Drop for Left {
        fn drop(&mut self) {
            ENTERED.with_borrow_mut(Vec::pop);
        }
    }
    ENTERED.with_borrow_mut(|all| all.push(entered));
    let _left = Left;
    work.poll(cx)
}
