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

use super::lane::{Hands, Lane, Role};
use super::run::TransactionLane;

/// A closure that is being polled.
#[derive(Clone, Copy)]
struct Entered {
    database: usize,
    /// The lane whose connection it has.
    home: usize,
    /// The lane of the transaction, of which several closures may be parts.
    transaction: usize,
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

thread_local! {
    static ENTERED: RefCell<Vec<Entered>> = const { RefCell::new(Vec::new()) };
}

fn number<T>(shared: &Arc<T>) -> usize {
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

/// The innermost of the closures on the database that are being polled.
pub(super) fn any_of(hands: &Arc<Hands>) -> Option<Inside> {
    let database = number(hands);
    ENTERED.with_borrow(|entered| entered.iter().rfind(|it| it.database == database).map(|it| it.inside))
}

/// The future of a closure inside a transaction or a snapshot.
pub(crate) async fn inside<F: Future>(lane: &TransactionLane, inside: Inside, work: F) -> F::Output {
    let lane = lane.lane();
    let home = match &lane.role {
        Role::Transaction { home, .. } => home,
        Role::Readers(_) | Role::Writer => lane,
    };
    let entered = Entered { database: number(&lane.hands), home: number(home), transaction: number(lane), inside };
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
