//! Writing some columns of one row.

use super::by_key;
use crate::engine::{Connection, Pace};
use crate::error::{Context, Operation, Result};
use crate::foreign_keys::explain_written;
use crate::model::{AsKey, Changes, Model, Patch};
use crate::query;
use crate::session::{Pending, Session};
use crate::sql::ast::{Expr, Selected, Set};
use crate::sql::{CacheUse, Query, RowValues, Update, Written};
use crate::value::KeyValues;

impl Session {
    /// Writes what the patch has into the row with this key, and gives the row as it is then: what the patch leaves out stays, also
    /// when others write it at the same time. Takes a key or the row. The struct of the patch comes from
    /// [`#[model(patch)]`](derive@crate::Model).
    ///
    /// It is one statement. `updated_at` is set and a version raised, unless the patch is empty: then the row is only read. What a
    /// trigger changes afterwards is read by [`get`](Self::get).
    ///
    /// ```
    /// # use sqliter::prelude::*;
    /// #[derive(Debug, Clone, PartialEq, Model)]
    /// #[model(patch(derive(Debug, Clone)))]
    /// struct Issue {
    ///     pk: Key<Issue>,
    ///     title: String,
    ///     due: Option<i64>,
    /// }
    ///
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_table::<Issue>().await?;
    /// let issue = db.insert(Issue::builder().title("Old").due(7)).await?;
    /// let patch = IssuePatch { title: Some("New".into()), ..Default::default() };
    /// let issue = db.patch(issue.pk, patch).await?;
    /// assert_eq!((issue.title.as_str(), issue.due), ("New", Some(7)));
    ///
    /// // `Some(None)` is NULL.
    /// let issue = db.patch(&issue, IssuePatch { due: Some(None), ..Default::default() }).await?;
    /// assert_eq!((issue.title.as_str(), issue.due), ("New", None));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::RecordNotFound`](crate::Error::RecordNotFound) when there is no row with this key, [`Error::Stale`](crate::Error::Stale) when it has another version than the patch
    /// expects, [`Error::KeyNotUnique`](crate::Error::KeyNotUnique) when the table of the file has several rows with the key; the violated constraint,
    /// [`Error::Encode`](crate::Error::Encode), [`Error::Ignored`](crate::Error::Ignored) when the schema ignores the update, [`Error::RecordUpdate`](crate::Error::RecordUpdate), or [`Error::Decode`](crate::Error::Decode)
    /// when a stored value does not fit. Nothing is changed then.
    pub fn patch<K: AsKey, P: Patch<K::Model>>(&self, key: K, patch: P) -> Pending<'_, K::Model> {
        let key = key.as_key().stored();
        let (changes, expected) = (Changes::of(&patch), patch.expected_version());
        Box::pin(async move { patch_row(self, key?, changes?, expected).await })
    }
}

async fn patch_row<M: Model>(
    session: &Session,
    key: KeyValues,
    changes: RowValues,
    expected: Option<i64>,
) -> Result<M> {
    let table = M::TABLE;
    if changes.is_empty() {
        let row = query::by_key::<M>(session, key.clone(), CacheUse::default(), None).await?;
        let row = row.ok_or_else(|| by_key::not_found(table, &key))?;
        return match (expected, row.current_version()) {
            (Some(expected), Some(found)) if expected != found => Err(by_key::stale(table, &key, expected, found)),
            _ => Ok(row),
        };
    }
    let sets = changes.into_iter().map(|(column, value)| Set { column, value: Expr::Value(value) }).collect();
    write_row(session, Write { rows: by_key::with_key(table, &key), sets, key, expected }).await
}

/// What is written into the row of a key.
pub(super) struct Write {
    /// The row.
    pub(super) rows: Query,
    pub(super) sets: Vec<Set>,
    pub(super) key: KeyValues,
    /// The version that it must have.
    pub(super) expected: Option<i64>,
}

/// Writes values into the row of a key; gives the row as it is then.
pub(super) async fn write_row<M: Model>(session: &Session, write: Write) -> Result<M> {
    let (table, Write { rows, sets, key, expected }) = (M::TABLE, write);
    let context = Context::new(Operation::Update, table.name);
    let row = rows.clone();
    let rows = by_key::with_version(rows, expected);
    let update = Update::touching(rows, sets, session.now(), Selected::row(None, table).collect());
    let update = Written::new(table, update)?;
    session
        .write(context, Pace::Short, move |connection| {
            let write = |connection: &mut Connection| -> Result<M> {
                let named = || std::iter::once_with(|| Ok(key.clone()));
                by_key::writable(connection, table, named(), context)?;
                let statement = connection.fitting(&update, context)?;
                match connection.query(&statement, context, M::decode) {
                    Ok(mut written) => match written.pop() {
                        Some(written) => Ok(written),
                        None => Err(by_key::unchanged(connection, &row, &key, expected, context)),
                    },
                    Err(error) => Err(explain_written(connection, table, error, update.statement().assigned())),
                }
            };
            connection.writing_whole(context, write)
        })
        .await
}
