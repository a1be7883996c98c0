//! Deleting one row by its key.

use super::by_key;
use crate::engine::{Connection, Pace};
use crate::error::{Context, Error, Operation, Result};
use crate::foreign_keys;
use crate::model::{AsKey, Model, ModelImpl, Writes};
use crate::session::{Pending, Session};
use crate::sql::{Delete, Query, SqlWriter, Written};
use crate::table::{CachedSql, RowStatement, TableInfo};
use crate::value::{Encoded, KeyValues};

impl Session {
    /// Deletes the row with this key, and what its foreign keys cascade to. Takes a key or the row.
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
    pub fn delete<K: AsKey>(&self, key: K) -> Pending<'_, ()>
    where
        <K::Model as Model>::Access: Writes<K::Model>,
    {
        let key = key.as_key().stored();
        let table = K::Model::TABLE;
        Box::pin(async move {
            if table.soft_delete.is_some() {
                let key = key?;
                let delete = Delete::new(by_key::with_key(table, &key), self.now(), Vec::new());
                return delete_by(self, delete, key).await;
            }
            delete_row(self, table, K::Model::cached_sql(), key?).await
        })
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
                    Ok(()) if deleted == 0 => {
                        let rows = by_key::with_key(table, &key);
                        Err(by_key::unchanged(connection, &rows, &key, None, context))
                    }
                    Ok(()) => Ok(()),
                    Err((error, _)) => Err(explained(connection, &by_key::with_key(table, &key), error)),
                }
            })
        })
        .await
}

/// Deletes the row of a key, as the statement says.
pub(super) async fn delete_by(session: &Session, delete: Delete, key: KeyValues) -> Result<()> {
    let table = delete.rows.table;
    let context = Context::new(Operation::Delete, table.name);
    let delete = Written::new(table, delete)?;
    session
        .write(context, Pace::Short, move |connection| {
            if connection.write_alone(&delete).is_some() {
                return Ok(());
            }
            connection.writing(context, |connection| {
                by_key::writable(connection, table, std::iter::once_with(|| Ok(key.clone())), context)?;
                let statement = connection.fitting(&delete, context)?;
                let rows = &delete.statement().rows;
                match connection.try_execute(&statement) {
                    Ok(0) => Err(by_key::unchanged(connection, rows, &key, None, context)),
                    Ok(_) => Ok(()),
                    Err(report) => {
                        let error = connection.error(context, report);
                        Err(explained(connection, rows, error))
                    }
                }
            })
        })
        .await
}

/// The error, with the columns that still refer to the row.
fn explained(connection: &mut Connection, rows: &Query, error: Error) -> Error {
    // Whatever refers to a key of several columns, no model does.
    if rows.table.has_composite_key() {
        return error;
    }
    let mut keys = SqlWriter::new(rows.table);
    keys.select_keys(rows);
    match keys.finish() {
        Ok(keys) => foreign_keys::explain_referrers(connection, error, rows.table.name, &keys),
        Err(_) => error,
    }
}

/// Gives the values of a key, in the order of its columns.
fn give(key: &KeyValues, sink: &mut dyn FnMut(Encoded<'_>) -> Result<()>) -> Result<()> {
    key.iter().try_for_each(|value| sink(value.as_encoded()))
}
