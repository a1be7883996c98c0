//! The pairs of a many-to-many relation.

use super::Select;
use crate::model::{Model, NamesRows};
use crate::query::{HasPairs, PairChange};
use crate::session::Pending;

/// The pairs of a many-to-many relation, as in `book.tags(&db).add([&tag])`: pairs are added and removed, the rows
/// stay. Each call is one transaction.
impl<'s, M: Model, S, P> Select<'s, M, S, P> {
    /// Relates the row to a row or a key, or to several of them, in one statement: `add(&tag)`, `add([&rust, &sql])`. Rows that
    /// are related already are skipped.
    ///
    /// Where pairs are rows of a model, [`add_with`](Self::add_with) gives them values.
    ///
    /// # Errors
    ///
    /// [`Error::ForeignKeyViolation`](crate::Error::ForeignKeyViolation) when one of the rows does not exist, [`Error::Ignored`](crate::Error::Ignored) when the schema ignores a
    /// pair; nothing is changed then.
    #[expect(clippy::should_implement_trait, reason = "it has nothing to do with the operator")]
    pub fn add<N, K: NamesRows<M, N>>(self, rows: K) -> Pending<'s, ()>
    where
        P: HasPairs<M>,
    {
        self.pairs.change(self.session, PairChange::Add, rows.stored_keys())
    }

    /// Removes the pairs with a row or a key, or with several of them. Rows that are not related are skipped.
    ///
    /// # Errors
    ///
    /// [`Error::Ignored`](crate::Error::Ignored) when the schema keeps a pair, or [`Error::RecordDeletion`](crate::Error::RecordDeletion) when SQLite refuses; nothing is
    /// changed then.
    pub fn remove<N, K: NamesRows<M, N>>(self, rows: K) -> Pending<'s, ()>
    where
        P: HasPairs<M>,
    {
        self.pairs.change(self.session, PairChange::Remove, rows.stored_keys())
    }

    /// Relates the row to exactly these rows or keys. Pairs that stay are not touched; if all are as wanted, nothing is written.
    ///
    /// # Errors
    ///
    /// As [`add`](Self::add).
    pub fn set<N, K: NamesRows<M, N>>(self, rows: K) -> Pending<'s, ()>
    where
        P: HasPairs<M>,
    {
        self.pairs.change(self.session, PairChange::Set, rows.stored_keys())
    }

    /// Removes all pairs. The related rows stay; [`delete`](Self::delete) deletes them.
    ///
    /// # Errors
    ///
    /// As [`remove`](Self::remove).
    pub fn clear(self) -> Pending<'s, ()>
    where
        P: HasPairs<M>,
    {
        self.pairs.change(self.session, PairChange::Clear, Ok(Vec::new()))
    }
}
