//! Deleting a row for good, and taking back its soft deletion.

use super::by_key;
use super::delete::Deletion;
use super::delete_rows::KeysToDelete;
use super::patch::{Write, write_row};
use crate::error::Error;
use crate::expr::SoftDelete;
use crate::model::{AsKey, Model, Writes};
use crate::query;
use crate::session::{Pending, Session};
use crate::sql::ast::{Expr, Set};
use crate::sql::{CacheUse, Deleted};
use crate::value::Value;

impl Session {
    /// Deletes the row with this key for good, whether or not it was deleted softly before, and what its foreign keys cascade
    /// to. Takes a key or the row.
    ///
    /// ```
    /// # use sqliter::prelude::*;
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Issue { pk: Key<Issue>, title: String, #[model(soft_delete)] deleted_at: Option<i64> }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_table::<Issue>().await?;
    /// # let issue = db.insert(Issue::builder().title("Old")).await?.pk;
    /// let (title,): (String,) = db.delete_for_good(issue).returning(|i| i.title).fetch_required().await?;
    /// assert_eq!(title, "Old");
    /// assert_eq!(db.get(issue).with_deleted().await?, None);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`delete`](Self::delete) of a model whose rows are not deleted softly.
    pub fn delete_for_good<K: AsKey>(&self, key: K) -> Deletion<'_, K::Model>
    where
        K::Model: SoftDelete,
        <K::Model as Model>::Access: Writes<K::Model>,
    {
        Deletion::of(self, KeysToDelete::one(key).for_good())
    }

    /// Takes back the soft deletion of the row with this key, and gives the row as it is then; one that is not deleted stays as it is.
    /// Takes a key or the row. Sets `updated_at` and raises a version as an update does.
    ///
    /// ```
    /// # use sqliter::prelude::*;
    /// #[derive(Debug, Clone, PartialEq, Model)]
    /// struct Issue {
    ///     pk: Key<Issue>,
    ///     title: String,
    ///     #[model(soft_delete)]
    ///     deleted_at: Option<i64>,
    /// }
    ///
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_table::<Issue>().await?;
    /// let issue = db.insert(Issue::builder().title("Old")).await?;
    /// db.delete(issue.pk).await?;
    /// assert_eq!(db.get(issue.pk).await?, None);
    /// assert!(db.get(issue.pk).with_deleted().await?.unwrap().deleted_at.is_some());
    ///
    /// assert_eq!(db.restore(issue.pk).await?, issue);
    /// assert_eq!(db.get(issue.pk).await?, Some(issue));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::RecordNotFound`] when there is no row with this key, [`Error::UniqueViolation`] when another row meanwhile has a
    /// value that is unique among the rows that are not deleted; else as [`patch`](Self::patch).
    pub fn restore<K: AsKey>(&self, key: K) -> Pending<'_, K::Model>
    where
        K::Model: SoftDelete,
        <K::Model as Model>::Access: Writes<K::Model>,
    {
        let key = key.as_key().stored();
        Box::pin(async move {
            let (table, key) = (K::Model::TABLE, key?);
            let rows = by_key::with_key(table, &key).with(Deleted::Only);
            let sets = table.soft_delete_column().map(|column| Set { column, value: Expr::Value(Value::Null) });
            let write = Write { rows, sets: sets.into_iter().collect(), key: key.clone(), expected: None };
            match write_row::<K::Model>(self, write).await {
                Err(Error::RecordNotFound { .. }) => {
                    let live = query::by_key(self, key.clone(), CacheUse::default(), None).await?;
                    live.ok_or_else(|| by_key::not_found(table, &key))
                }
                written => written,
            }
        })
    }
}
