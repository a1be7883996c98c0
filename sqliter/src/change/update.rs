//! Updating rows that are given as values, and rows that meet a condition.

use std::slice;
use std::time::SystemTime;

use super::by_key::{self, encoded_key};
use crate::engine::{Connection, Pace};
use crate::error::{Context, Error, Operation, Result};
use crate::expr::{Assignments, Condition};
use crate::foreign_keys;
use crate::model::{Arguments, Model};
use crate::session::{Pending, Session};
use crate::table::{CachedSql, RowStatement, TableInfo};
use crate::value::{Encoded, Value};

impl Session {
    /// Writes all columns of the row with the same key, and sets `updated_at` in the database and in the model. The
    /// model is left as it was when that fails.
    ///
    /// # Errors
    ///
    /// [`Error::RecordNotFound`](crate::Error::RecordNotFound) when there is no row with this key,
    /// [`Error::KeyNotUnique`](crate::Error::KeyNotUnique) when the table of the file has several; the violated constraint,
    /// [`Error::Encode`](crate::Error::Encode), [`Error::Ignored`](crate::Error::Ignored) when the schema ignores the
    /// update, or [`Error::RecordUpdate`](crate::Error::RecordUpdate).
    pub fn update<'a, M: Model>(&'a self, model: &'a mut M) -> Pending<'a, ()> {
        Box::pin(self.update_rows(slice::from_mut(model)))
    }

    /// As [`update`](Self::update) for any number of rows, in one transaction, all or nothing. Inside a transaction it
    /// is a savepoint. The models get their new `updated_at` when all rows are written.
    ///
    /// ```
    /// # use sqliter::prelude::*;
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Book { pk: Key<Book>, title: String, pages: i64 }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_table::<Book>().await?;
    /// # db.insert(Book::builder().title(" Emma ").pages(9)).await?;
    /// let mut books = db.select::<Book>().fetch_all().await?;
    /// for book in &mut books {
    ///     book.title = book.title.trim().to_owned();
    /// }
    /// db.bulk_update(&mut books).await?;
    /// # assert_eq!(db.select::<Book>().fetch_all().await?, books);
    /// # assert_eq!(books[0].title, "Emma");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`update`](Self::update), for the first row that fails; nothing is changed then, neither rows nor models.
    pub fn bulk_update<'a, M: Model>(&'a self, models: &'a mut [M]) -> Pending<'a, ()> {
        Box::pin(self.update_rows(models))
    }

    /// Updates the rows that meet the condition; gives their number. The same as a chain of
    /// [`select`](Self::select), [`filter`](crate::Select::filter) and [`update`](crate::Select::update).
    ///
    /// ```
    /// # use sqliter::prelude::*;
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Book { pk: Key<Book>, title: String, pages: i64 }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_table::<Book>().await?;
    /// # db.insert(Book::builder().title("").pages(9)).await?;
    /// let changed = db.update_where::<Book, _>(|b| b.title.eq(""), |b| b.title.set("Untitled")).await?;
    /// assert_eq!(changed, 1);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The violated constraint, [`Error::Encode`](crate::Error::Encode) or
    /// [`Error::RecordUpdate`](crate::Error::RecordUpdate); nothing is changed then.
    pub fn update_where<M: Model, A: Assignments<M>>(
        &self,
        condition: impl FnOnce(&M::Columns<M>) -> Condition<M>,
        assignments: impl FnOnce(&M::Columns<M>) -> A,
    ) -> Pending<'_, u64> {
        self.select::<M>().filter(condition).update(assignments)
    }

    async fn update_rows<M: Model>(&self, models: &mut [M]) -> Result<()> {
        let now = self.now();
        let rows = encoded(models, now)?;
        if !rows.is_empty() {
            update_rows(self, M::TABLE, M::cached_sql(), rows).await?;
            models.iter_mut().for_each(|model| model.touch(now));
        }
        Ok(())
    }
}

/// What is written of rows, one after the other: of each the values of the columns that are set, and then its key.
fn encoded<M: Model>(models: &[M], now: SystemTime) -> Result<Vec<Value>> {
    let table = M::TABLE;
    let mut values = Vec::with_capacity(models.len() * width(table));
    for model in models {
        let key = encoded_key(&model.primary_key())?;
        if table.is_only_key() {
            values.push(key.clone());
        }
        let mut push = |value: Encoded<'_>| {
            values.push(value.into_value());
            Ok(())
        };
        model.write(&mut Arguments::new(table, now, &mut push))?;
        values.push(key);
    }
    Ok(values)
}

/// How many values are written of each row.
fn width(table: &TableInfo) -> usize {
    table.updated().count() + 1
}

async fn update_rows(
    session: &Session,
    table: &'static TableInfo,
    cached: &'static CachedSql,
    values: Vec<Value>,
) -> Result<()> {
    let context = Context::new(Operation::Update, table.name);
    let width = width(table);
    let number = values.len() / width;
    session
        .write(context, Pace::of_rows(number), move |connection| {
            let update = |connection: &mut Connection| {
                let rows = || values.chunks_exact(width);
                let fit = by_key::writable(connection, table, rows().filter_map(<[_]>::last), context)?;
                let text = RowStatement::Update.text_for(table, cached, &fit)?;
                let mut without_effect = None;
                let updated = connection.repeat(
                    text,
                    rows(),
                    context,
                    |row, sink| row.iter().try_for_each(|value| sink(value.as_encoded())),
                    |row: &[Value], changed, _| {
                        if changed == 0 {
                            without_effect = row.last();
                            return Err(Error::ignored(Operation::Update, table.name));
                        }
                        Ok(())
                    },
                );
                updated.map_err(|(error, refused)| match without_effect {
                    Some(key) => by_key::unchanged(connection, table, key, context),
                    None => {
                        let written = table.updated().zip(refused.unwrap_or_default());
                        foreign_keys::explain_reference(connection, error, written)
                    }
                })
            };
            if number == 1 { connection.writing(context, update) } else { connection.atomically(context, update) }
        })
        .await
}
