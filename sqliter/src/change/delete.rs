//! Deleting one row by its key.

use super::by_key;
use crate::engine::Pace;
use crate::error::{Context, Operation, Result};
use crate::foreign_keys;
use crate::model::{AsKey, Model, ModelImpl};
use crate::session::{Pending, Session};
use crate::sql::SqlWriter;
use crate::table::{CachedSql, RowStatement, TableInfo};
use crate::value::{Encoded, Value};

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
        let key = key.as_key().stored().map(Encoded::into_value);
        Box::pin(async move { delete_row(self, K::Model::TABLE, K::Model::cached_sql(), key?).await })
    }
}

async fn delete_row(
    session: &Session,
    table: &'static TableInfo,
    cached: &'static CachedSql,
    key: Value,
) -> Result<()> {
    let context = Context::new(Operation::Delete, table.name);
    let plain = RowStatement::Delete.text(table, cached)?;
    session
        .write(context, Pace::Short, move |connection| {
            if connection.write_row_alone(plain, table, &|sink| sink(key.as_encoded())).is_some() {
                return Ok(());
            }
            connection.writing(context, |connection| {
                let fit = by_key::writable(connection, table, std::iter::once_with(|| Ok(key.clone())), context)?;
                let text = RowStatement::Delete.text_for(table, cached, &fit)?;
                let mut deleted = 0;
                let done = |_: &Value, changed, _| {
                    deleted = changed;
                    Ok(())
                };
                match connection.repeat(text, [&key], context, |key, sink| sink(key.as_encoded()), done) {
                    Ok(()) if deleted == 0 => Err(by_key::unchanged(connection, table, &key, context)),
                    Ok(()) => Ok(()),
                    Err((error, _)) => {
                        let mut keys = SqlWriter::new(table);
                        keys.select_keys(&by_key::with_key(table, key.clone()));
                        Err(foreign_keys::explain_referrers(connection, error, table.name, &keys.finish()?))
                    }
                }
            })
        })
        .await
}
