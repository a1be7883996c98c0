//! Updating rows that are in hand, and rows that meet a condition.

use std::slice;

use super::{ignored, written};
use crate::engine::{Connection, Pace};
use crate::error::{Context, Operation, Result};
use crate::expr::{Assignments, Condition};
use crate::foreign_keys;
use crate::model::{Arguments, Model};
use crate::query::{self, Written};
use crate::session::{Pending, Session};
use crate::sql::SqlWriter;
use crate::table::{ColumnInfo, TableInfo};
use crate::value::{ColumnType, Value};

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
        let table = M::TABLE;
        let set = updated(table);
        let rows = models
            .iter()
            .map(|model| {
                let key = model.primary_key();
                let key = key.encode().map_err(|error| error.at(table.name, table.key_column().name))?.into_value();
                let values = written(table.updated(), |sink| model.write(&mut Arguments::new(table, now, sink)))?;
                let mut row: Vec<Value> = values.into_iter().map(|(_, value)| value).collect();
                if row.is_empty() {
                    row.push(key.clone());
                }
                row.push(key);
                Ok(row)
            })
            .collect::<Result<Vec<_>>>()?;
        if rows.is_empty() {
            return Ok(());
        }
        let context = Context::new(Operation::Update, table.name);
        let columns = set.clone();
        let statement = Written::new(table, move |sql: &mut SqlWriter| update_row(sql, table, &columns))?;
        self.write(context, Pace::of_rows(rows.len()), move |connection| {
            let mut refused = None;
            let is_single = rows.len() == 1;
            let update = |connection: &mut Connection| {
                let fit = connection.fit(table, context)?;
                fit.check_writable(context)?;
                for key in rows.iter().filter_map(|row| row.last()) {
                    query::check_names_one_row(connection, &fit, table, key, context)?;
                }
                let sql = connection.fitting(&statement, context)?.text;
                update_all(connection, table, &sql, &rows, &mut refused)
            };
            let updated = match is_single {
                true => connection.writing(context, update),
                false => connection.atomically(context, update),
            };
            updated.map_err(|error| {
                let written = set.iter().copied().zip(refused.unwrap_or_default());
                foreign_keys::explain_reference(connection, error, written)
            })
        })
        .await?;
        models.iter_mut().for_each(|model| model.touch(now));
        Ok(())
    }
}

/// The columns that an update of a row sets. Of a model that is nothing but its key it is the key: the update tells
/// only whether the row is there.
fn updated(table: &'static TableInfo) -> Vec<&'static ColumnInfo> {
    let mut columns: Vec<_> = table.updated().collect();
    if columns.is_empty() {
        columns.push(table.key_column());
    }
    columns
}

/// Updates rows, of which each is the values to set and then its key. A row that is refused is told.
fn update_all(
    connection: &mut Connection,
    table: &'static TableInfo,
    sql: &str,
    rows: &[Vec<Value>],
    refused: &mut Option<Vec<Value>>,
) -> Result<()> {
    let context = Context::new(Operation::Update, table.name);
    let mut without_effect = None;
    let updated = connection.repeat(
        sql,
        rows,
        context,
        |row, sink| row.iter().try_for_each(|value| sink(value.as_encoded())),
        |row, changed, _| {
            if changed == 0 {
                without_effect = row.last();
                return Err(ignored(Operation::Update, table));
            }
            Ok(())
        },
    );
    updated.map_err(|(error, row)| match without_effect {
        Some(key) => query::unchanged(connection, table, key, context),
        None => {
            *refused = row.cloned();
            error
        }
    })
}

/// Sets the columns of the row with a key; all values are bound later.
fn update_row(sql: &mut SqlWriter, table: &'static TableInfo, set: &[&'static ColumnInfo]) {
    sql.push("UPDATE ");
    sql.name(table.name);
    for (i, column) in set.iter().enumerate() {
        sql.push(if i == 0 { " SET " } else { ", " });
        sql.name(column.name);
        sql.push(" = ?");
    }
    sql.push(" WHERE ");
    sql.equal(table, table.key_column());
    sql.push("?");
}
