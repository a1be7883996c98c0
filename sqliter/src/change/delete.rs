//! Deleting rows by their keys.

use std::slice;

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
    pub fn bulk_delete<I>(&self, keys: I) -> Pending<'_, ()>
    where
        I: IntoIterator,
        I::Item: AsKey,
        <<I::Item as AsKey>::Model as Model>::Access: Writes<<I::Item as AsKey>::Model>,
    {
        let keys = keys.into_iter().map(|key| key.as_key().stored()).collect::<Result<Vec<_>>>();
        let (table, cached) = (<I::Item as AsKey>::Model::TABLE, <I::Item as AsKey>::Model::cached_sql());
        Box::pin(async move { delete_rows(self, table, cached, keys?).await })
    }
}

async fn delete_row(
    session: &Session,
    table: &'static TableInfo,
    cached: &'static CachedSql,
    key: KeyValues,
) -> Result<()> {
    let context = Context::new(Operation::Delete, table.name);
    session
        .write(context, Pace::Short, move |connection| {
            // What is not deleted alone is looked at in the transaction, and there a row that is long is left to a thread.
            let statement =
                if connection.is_in_place() { RowStatement::DeleteUnlessLong } else { RowStatement::Delete };
            let text = statement.text(table, cached)?;
            if connection.write_row_alone(context.operation, text, table, &|sink| give(&key, sink)).is_some() {
                return Ok(());
            }
            connection.writing(context, |connection| {
                delete_all(connection, table, cached, slice::from_ref(&key)).map_err(|(error, _)| error)
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
            if connection.write_alone(delete.statement().operation(), &delete).is_some() {
                return Ok(());
            }
            connection.writing(context, |connection| delete_one(connection, &delete, &key, context))
        })
        .await
}

/// As [`delete_by`], in a transaction.
fn delete_one(
    connection: &mut Connection,
    delete: &Written<Delete>,
    key: &KeyValues,
    context: Context<'static>,
) -> Result<()> {
    let rows = &delete.statement().rows;
    by_key::writable(connection, rows.table, std::iter::once_with(|| Ok(key.clone())), context)?;
    let statement = connection.fitting(delete, context)?;
    match connection.try_execute(&statement) {
        Ok(0) => Err(by_key::unchanged(connection, rows, key, None, context)),
        Ok(_) => Ok(()),
        Err(report) => {
            let error = connection.error(context, report);
            Err(explained(connection, rows, error))
        }
    }
}

async fn delete_rows(
    session: &Session,
    table: &'static TableInfo,
    cached: &'static CachedSql,
    keys: Vec<KeyValues>,
) -> Result<()> {
    if keys.is_empty() {
        return Ok(());
    }
    let context = Context::new(Operation::Delete, table.name);
    let pace = Pace::of_rows(keys.len());
    if table.soft_delete.is_some() {
        return delete_softly(session, table, keys, pace).await;
    }
    let delete = move |connection: &mut Connection| {
        connection.writing_rows(keys.len(), context, |connection| {
            delete_all(connection, table, cached, &keys).map_err(|(error, index)| match index {
                Some(index) => {
                    error.in_row(index, || keys.get(index).map(|key| by_key::named(table, key)).unwrap_or_default())
                }
                None => error,
            })
        })
    };
    session.write(context, pace, delete).await
}

/// Deletes the rows with these keys, in a transaction. What was deleted before one fails must be undone. An error comes with
/// the index of its key.
fn delete_all(
    connection: &mut Connection,
    table: &'static TableInfo,
    cached: &'static CachedSql,
    keys: &[KeyValues],
) -> Result<(), (Error, Option<usize>)> {
    let context = Context::new(Operation::Delete, table.name);
    let unprepared = |error| (error, None);
    let checked = keys.iter().map(|key| Ok(key.clone()));
    let fit = by_key::writable(connection, table, checked, context).map_err(unprepared)?;
    let keys_of_rows = keys.iter().map(|key| Ok(key.clone()));
    by_key::leave_long_rows(connection, (table, cached), &fit, keys_of_rows, context).map_err(unprepared)?;
    let text = RowStatement::Delete.text_for(table, cached, &fit).map_err(unprepared)?;
    let mut without_effect = false;
    let write = |(_, key): &(usize, &KeyValues), sink: &mut dyn FnMut(Encoded<'_>) -> Result<()>| give(key, sink);
    let done = |(index, key): &(usize, &KeyValues), changed, _| {
        // A key that came before is that of a row that is gone.
        if changed > 0 || keys.iter().take(*index).any(|before| before == *key) {
            return Ok(());
        }
        without_effect = true;
        Err(Error::ignored(Operation::Delete, table.name))
    };
    let deleted = connection.repeat(text, keys.iter().enumerate(), context, write, done);
    deleted.map_err(|(error, refused)| match refused {
        Some((index, key)) => {
            let rows = by_key::with_key(table, key);
            let error = match without_effect {
                true => by_key::unchanged(connection, &rows, key, None, context),
                false => explained(connection, &rows, error),
            };
            (error, Some(index))
        }
        None => (error, None),
    })
}

/// Marks the rows with these keys as deleted. A key that comes twice counts once.
async fn delete_softly(session: &Session, table: &'static TableInfo, keys: Vec<KeyValues>, pace: Pace) -> Result<()> {
    let (context, now) = (Context::new(Operation::Delete, table.name), session.now());
    let delete = move |connection: &mut Connection| {
        connection.writing_rows(keys.len(), context, |connection| {
            for (index, key) in keys.iter().enumerate() {
                if keys.iter().take(index).any(|before| before == key) {
                    continue;
                }
                let delete = Written::new(table, Delete::new(by_key::with_key(table, key), now, Vec::new()))?;
                delete_one(connection, &delete, key, context)
                    .map_err(|error| error.in_row(index, || by_key::named(table, key)))?;
            }
            Ok(())
        })
    };
    session.write(context, pace, delete).await
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
