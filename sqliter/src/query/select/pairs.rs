//! The pairs of a many-to-many relation.

use super::Select;
use crate::error::Result;
use crate::model::{AsKey, Model};
use crate::query::{HasPairs, PairChange};
use crate::session::Pending;
use crate::value::Value;

/// The table of pairs of a many-to-many relation, as in `book.tags(&db).add([&tag])`: it is the pairs that come and go,
/// not the rows. Each call is one transaction.
impl<'s, M: Model, S, P> Select<'s, M, S, P> {
    /// Relates the row to these rows or keys. Rows that are related already are skipped.
    ///
    /// # Errors
    ///
    /// [`Error::ForeignKeyViolation`] when one of the rows does not exist, [`Error::Ignored`] when the schema ignores a
    /// pair; nothing is changed then.
    #[expect(clippy::should_implement_trait, reason = "it has nothing to do with the operator")]
    pub fn add<I>(self, rows: I) -> Pending<'s, ()>
    where
        P: HasPairs<M>,
        I: IntoIterator,
        I::Item: AsKey<Model = M>,
    {
        self.pairs.change(self.session, PairChange::Add, keys(rows))
    }

    /// Ends the relation to these rows or keys. Rows that are not related are skipped.
    ///
    /// # Errors
    ///
    /// [`Error::Ignored`] when the schema keeps a pair, or [`Error::RecordDeletion`] when SQLite refuses; nothing is
    /// changed then.
    pub fn remove<I>(self, rows: I) -> Pending<'s, ()>
    where
        P: HasPairs<M>,
        I: IntoIterator,
        I::Item: AsKey<Model = M>,
    {
        self.pairs.change(self.session, PairChange::Remove, keys(rows))
    }

    /// Relates the row to exactly these rows or keys. Pairs that stay are not touched.
    ///
    /// # Errors
    ///
    /// As [`add`](Self::add).
    pub fn set<I>(self, rows: I) -> Pending<'s, ()>
    where
        P: HasPairs<M>,
        I: IntoIterator,
        I::Item: AsKey<Model = M>,
    {
        self.pairs.change(self.session, PairChange::Set, keys(rows))
    }

    /// Ends the relation to all rows. The rows themselves stay; [`delete`](Self::delete) deletes them.
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

/// The keys of rows, which are one column each.
fn keys<I>(rows: I) -> Result<Vec<Value>>
where
    I: IntoIterator,
    I::Item: AsKey,
{
    rows.into_iter().map(|row| Ok(row.as_key().stored()?.first)).collect()
}
