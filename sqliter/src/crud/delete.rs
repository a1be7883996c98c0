//! Deleting one row by its key.

use super::{key_is, unchanged};
use crate::engine::Pace;
use crate::error::{Context, Operation, Result};
use crate::model::Model;
use crate::query::{self, Query};
use crate::session::{Pending, Session};
use crate::value::{AsKey, ColumnType, Key};

impl Session {
    /// Deletes the row with this key, and what its foreign keys cascade to. Takes a key or the row.
    ///
    /// # Errors
    ///
    /// [`Error::RecordNotFound`](crate::Error::RecordNotFound) when there is none,
    /// [`Error::ForeignKeyViolation`](crate::Error::ForeignKeyViolation) when the row is still referred to,
    /// [`Error::Ignored`](crate::Error::Ignored) when the schema keeps the row, or
    /// [`Error::RecordDeletion`](crate::Error::RecordDeletion).
    pub fn delete<K: AsKey>(&self, key: K) -> Pending<'_, ()> {
        Box::pin(self.delete_row(key.as_key()))
    }

    async fn delete_row<M: Model>(&self, key: Key<M>) -> Result<()> {
        let table = M::TABLE;
        let mut query = Query::new(table);
        query.filters.push(key_is(table, &key));
        let statement = query::delete_statement(&query)?;
        let key = key.encode().map_err(|error| error.at(table.name, table.key_column().name))?.into_value();
        self.write(
            Context::new(Operation::Delete, table.name),
            Pace::Short,
            move |connection| match query::delete_rows(connection, &query, &statement)? {
                0 => Err(unchanged(connection, Operation::Delete, table, key)),
                _ => Ok(()),
            },
        )
        .await
    }
}
