//! Deleting rows by their keys.

use super::delete_rows::{KeysToDelete, delete};
use crate::model::{AsKey, Model, Writes};
use crate::query::Write;
use crate::session::Session;

impl Session {
    /// Deletes the row with this key, and what its foreign keys cascade to. Takes a key or the row. Awaited it gives nothing;
    /// [`returning_rows`](crate::bounds::Write::returning_rows) gives the row.
    ///
    /// A model with a field `#[model(soft_delete)]` keeps the row: the field is set to the time, `updated_at` too, and a version
    /// raised; nothing cascades. [`delete_for_good`](Self::delete_for_good) deletes such a row, [`restore`](Self::restore) takes the
    /// deletion back.
    ///
    /// # Errors
    ///
    /// [`Error::RecordNotFound`](crate::Error::RecordNotFound) when there is none,
    /// [`Error::KeyNotUnique`](crate::Error::KeyNotUnique) when the table of the file has several,
    /// [`Error::ForeignKeyViolation`](crate::Error::ForeignKeyViolation) when the row is still referred to,
    /// [`Error::Ignored`](crate::Error::Ignored) when the schema keeps the row, or
    /// [`Error::RecordDeletion`](crate::Error::RecordDeletion).
    pub fn delete<K: AsKey>(&self, key: K) -> Deletion<'_, K::Model>
    where
        <K::Model as Model>::Access: Writes<K::Model>,
    {
        Deletion::of(self, KeysToDelete::one(key))
    }

    /// Deletes the rows with these keys, any number of them, as [`delete`](Self::delete): in one transaction, all or
    /// nothing. Inside a transaction it is a savepoint. Takes keys or rows; a key that comes twice counts once.
    ///
    /// ```
    /// # use sqliter::prelude::*;
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Tag { pk: Key<Tag>, name: String }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_table::<Tag>().await?;
    /// let tags = db.bulk_insert(["a", "b", "c"].map(|name| Tag::builder().name(name))).await?;
    /// db.bulk_delete(&tags[..2]).await?;
    /// assert_eq!(db.select::<Tag>().fetch_all().await?, tags[2..]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`delete`](Self::delete), for the first row that is not there or is kept; no row is deleted then.
    pub fn bulk_delete<I>(&self, keys: I) -> Deletion<'_, <I::Item as AsKey>::Model>
    where
        I: IntoIterator,
        I::Item: AsKey,
        <<I::Item as AsKey>::Model as Model>::Access: Writes<<I::Item as AsKey>::Model>,
    {
        let keys = keys.into_iter().map(|key| key.as_key().stored()).collect();
        Deletion::of(self, KeysToDelete::many(keys))
    }
}

/// The deletion of the row of a key, or of the rows of several. Awaited, it gives nothing.
pub type Deletion<'s, M> = Write<'s, M, KeysToDelete, ()>;

impl<'s, M: Model> Deletion<'s, M> {
    pub(super) const fn of(session: &'s Session, keys: KeysToDelete) -> Self {
        Self::new(session, keys, |session, keys| Box::pin(delete::<M>(session, keys)))
    }
}
