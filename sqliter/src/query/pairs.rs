//! The table of pairs behind a chain, which `add`, `remove`, `set` and `clear` change.

use crate::error::Result;
use crate::session::{Pending, Session};
use crate::value::Value;

/// There is no table of pairs: the chain is not the many-to-many relation of a row.
#[derive(Debug, Clone, Copy)]
pub struct NoPairs;

/// What becomes of the pairs of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PairChange {
    /// Those with the other rows are added.
    Add,
    /// Those with the other rows are removed.
    Remove,
    /// Those with the other rows are added, and all others removed.
    Set,
    /// All are removed.
    Clear,
}

/// Chains that are the many-to-many relation of a row, to rows of the model `M`.
#[diagnostic::on_unimplemented(
    message = "only the many-to-many relation of a row can be changed by `add`, `remove`, `set` and `clear`",
    label = "this is not the many-to-many relation of a row",
    note = "call them on the relation itself, before `filter`, `limit` and the like: `book.tags(&db).add([&tag])`",
    note = "a relation over a foreign key is changed by setting the key: \
            `ada.books(&db).update(|b| b.author_id.set(&bob))`, and has `create` for new rows"
)]
pub trait HasPairs<M>: Sized {
    #[doc(hidden)]
    fn change(self, session: &Session, change: PairChange, others: Result<Vec<Value>>) -> Pending<'_, ()>;
}
