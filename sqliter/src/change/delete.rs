//! Deleting one row by its key.

use super::by_key;
use crate::engine::Pace;
use crate::error::{Context, Operation, Result};
use crate::foreign_keys;
use crate::model::{AsKey, Model, ModelImpl, Writes};
use crate::session::{Pending, Session};
use crate::sql::SqlWriter;
use crate::table::{CachedSql, RowStatement, TableInfo};
use crate::value::{Encoded, KeyValues};

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
    pub fn delete<K: AsKey>(&self, key: K) -> Pending<'_, ()>
    where
        <K::Model as Model>::Access: Writes<K::Model>,
    {
        let key = key.as_key().stored();
        Box::pin(async move { delete_row(self, K::Model::TABLE, K::Model::cached_sql(), key?).await })
    }
}

async fn delete_row(
    session: &Session,
    table: &'static TableInfo,
    cached: &'static CachedSql,
    key: KeyValues,
) -> Result<()> {
    let context = Context::new(Operation::Delete, table.name);
    let plain = RowStatement::Delete.text(table, cached)?;
    session
        .write(context, Pace::Short, move |connection| {
            by_key::leave_long_row(connection, table, cached, Ok(key.clone()), context)?;
            if connection.write_row_alone(plain, table, &|sink| give(&key, sink)).is_some() {
                return Ok(());
            }
            connection.writing(context, |connection| {
                let fit = by_key::writable(connection, table, std::iter::once_with(|| Ok(key.clone())), context)?;
                by_key::leave_long_rows(connection, (table, cached), &fit, [Ok(key.clone())], context)?;
                let text = RowStatement::Delete.text_for(table, cached, &fit)?;
                let mut deleted = 0;
                let done = |_: &KeyValues, changed, _| {
                    deleted = changed;
                    Ok(())
                };
                match connection.repeat(text, [&key], context, |key, sink| give(key, sink), done) {
                    Ok(()) if deleted == 0 => Err(by_key::unchanged(connection, table, &key, None, context)),
                    Ok(()) => Ok(()),
                    // Whatever refers to a key of several columns, no model does.
                    Err((error, _)) if table.has_composite_key() => Err(error),
                    Err((error, _)) => {
                        let mut keys = SqlWriter::new(table);
                        keys.select_keys(&by_key::with_key(table, &key));
                        Err(foreign_keys::explain_referrers(connection, error, table.name, &keys.finish()?))
                    }
                }
            })
        })
        .await
}

/// Gives the values of a key, in the order of its columns.
fn give(key: &KeyValues, sink: &mut dyn FnMut(Encoded<'_>) -> Result<()>) -> Result<()> {
    key.iter().try_for_each(|value| sink(value.as_encoded()))
}
