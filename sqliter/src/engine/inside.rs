//! Which transactions the code that is being polled stands inside.
//!
//! The future of a transaction's closure cannot end before what it awaits: what it asks of the database itself, and not of
//! the transaction, would wait for ever. Two futures beside each other in one task are another matter, and wait in turn.

use std::cell::RefCell;
use std::panic::Location;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

use super::lane::Hands;
use super::run::TransactionLane;

/// A database, and where its transaction was begun.
type Entered = (usize, &'static Location<'static>);

thread_local! {
    static INSIDE: RefCell<Vec<Entered>> = const { RefCell::new(Vec::new()) };
}

fn number(hands: &Arc<Hands>) -> usize {
    Arc::as_ptr(hands).addr()
}

/// Where the transaction of this database was begun whose closure is being polled.
pub(super) fn transaction_of(hands: &Arc<Hands>) -> Option<&'static Location<'static>> {
    let number = number(hands);
    INSIDE.with_borrow(|inside| inside.iter().rev().find(|(database, _)| *database == number).map(|(_, at)| *at))
}

/// The future of a closure inside a transaction that was begun there.
pub(crate) async fn inside<F: Future>(lane: &TransactionLane, at: &'static Location<'static>, work: F) -> F::Output {
    let entered = (number(&lane.lane().hands), at);
    let mut work = pin!(work);
    std::future::poll_fn(move |cx| poll_inside(entered, work.as_mut(), cx)).await
}

fn poll_inside<F: Future>(entered: Entered, work: Pin<&mut F>, cx: &mut Context<'_>) -> Poll<F::Output> {
    struct Left;
    impl Drop for Left {
        fn drop(&mut self) {
            INSIDE.with_borrow_mut(Vec::pop);
        }
    }
    INSIDE.with_borrow_mut(|inside| inside.push(entered));
    let _left = Left;
    work.poll(cx)
}
