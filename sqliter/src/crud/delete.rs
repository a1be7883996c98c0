//! Deleting one row by its key.

use super::key_is;
use crate::error::Result;
use crate::model::Model;
use crate::query;
use crate::session::{Pending, Session};
use crate::sql::Query;
use crate::value::{AsKey, ColumnType, Key};

impl Session {
    /// Deletes the row with this key, and what its foreign keys cascade to. Takes a key or the row.
    ///
    /// # Errors
    ///
    /// [`Error::RecordNotFound`](crate::Error::RecordNotFound) when there is none,
    /// [`Error::KeyNotUnique`](crate::Error::KeyNotUnique) when the table of the file has several,
    /// [`Error::ForeignKeyViolation`](crate::Error::ForeignKeyViolation) when the row is still referred to,
    /// [`Error::Ignored`](crate::Error::Ignored) when the schema keeps the row, or
    /// [`Error::RecordDeletion`](crate::Error::RecordDeletion).
    pub fn delete<K: AsKey>(&self, key: K) -> Pending<'_, ()> {
        Box::pin(self.delete_row(key.as_key()))
    }

    async fn delete_row<M: Model>(&self, key: Key<M>) -> Result<()> {
        let mut query = Query::new(M::TABLE);
        query.filters.push(key_is(M::TABLE, &key));
        let key = key.encode().map_err(|error| error.at(M::TABLE.name, M::TABLE.key_column().name))?.into_value();
        query::delete(self, query, Some(key)).await.map(drop)
    }
}
