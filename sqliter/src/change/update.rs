//! Updating rows that are given as values, and rows that meet a condition.

use std::slice;
use std::time::SystemTime;

use super::by_key;
use super::copied::{CopiedRows, Turns};
use super::insert::explained;
use super::row_values;
use crate::engine::{Connection, Pace};
use crate::error::{Context, Error, Operation, Result};
use crate::expr::{Assignments, Condition};
use crate::model::{Arguments, Model, Writes};
use crate::session::{Pending, Session};
use crate::sql::ast::Selected;
use crate::sql::{SqlWriter, Written};
use crate::table::{CachedSql, RowStatement, TableInfo};
use crate::value::{Encoded, KeyValues, Value};

impl Session {
    /// Writes all columns of the row with the same key, and sets `updated_at` in the database and in the model. Generated
    /// columns get in the model what SQLite has computed. The model is left as it was when that fails.
    ///
    /// All columns are written, also those that the program has not changed: of two that have read the same row, the one that
    /// writes last puts its older values over what the other has written, and nobody is told. Where that can happen, write only
    /// what changes, by [`patch`](Self::patch) or by [`select`](Self::select), `filter` and [`update`](crate::Select::update); or
    /// give the model a [version](derive@crate::Model), with which the second one gets [`Error::Stale`](crate::Error::Stale), reads the
    /// row anew and decides.
    ///
    /// ```
    /// # use sqliter::prelude::*;
    /// use sqliter::Error;
    ///
    /// #[derive(Debug, Clone, PartialEq, Model)]
    /// struct User {
    ///     pk: Key<User>,
    ///     email: String,
    ///     phone: String,
    ///     #[model(version)]
    ///     version: i64,
    /// }
    ///
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_table::<User>().await?;
    /// let mut first = db.insert(User::builder().email("old@x").phone("1")).await?;
    /// let mut second = first.clone();
    /// first.email = "new@x".into();
    /// db.update(&mut first).await?;
    /// assert_eq!(first.version, 2);
    ///
    /// second.phone = "2".into();
    /// // Without the version, the old address would be back now.
    /// let refused = db.update(&mut second).await;
    /// assert!(matches!(refused, Err(Error::Stale { expected: 1, found: 2, .. })));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::RecordNotFound`](crate::Error::RecordNotFound) when there is no row with this key,
    /// [`Error::Stale`](crate::Error::Stale) when it has another version than the model,
    /// [`Error::KeyNotUnique`](crate::Error::KeyNotUnique) when the table of the file has several; the violated constraint,
    /// [`Error::Encode`](crate::Error::Encode), [`Error::Ignored`](crate::Error::Ignored) when the schema ignores the
    /// update, or [`Error::RecordUpdate`](crate::Error::RecordUpdate).
    pub fn update<'a, M: Model>(&'a self, model: &'a mut M) -> Pending<'a, ()>
    where
        M::Access: Writes<M>,
    {
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
    pub fn bulk_update<'a, M: Model>(&'a self, models: &'a mut [M]) -> Pending<'a, ()>
    where
        M::Access: Writes<M>,
    {
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
    ) -> Pending<'_, u64>
    where
        M::Access: Writes<M>,
    {
        self.select::<M>().filter(condition).update(assignments)
    }

    async fn update_rows<M: Model>(&self, models: &mut [M]) -> Result<()> {
        if models.is_empty() {
            return Ok(());
        }
        let (table, cached, now) = (M::TABLE, M::cached_sql(), self.now());
        let context = self.limited(Context::new(Operation::Update, table.name));
        let pace = Pace::of_rows(models.len());
        let given = GivenRows { models: &*models, now };
        if table.has_generated() {
            let copied = CopiedRows::of(&given, table).await?;
            let update = move |connection: &mut Connection| {
                connection.atomically(context, |connection| {
                    update_all(connection, table, cached, &copied, context)?;
                    (0..copied.number()).map(|row| stored::<M>(connection, &copied.key(row)?, context)).collect()
                })
            };
            let stored: Vec<M> = self.write(context, pace, update).await?;
            let mut turns = Turns::default();
            for (model, stored) in models.iter_mut().zip(stored) {
                model.touch(now);
                model.take_generated(stored);
                turns.give_way().await;
            }
            return Ok(());
        }
        let mut at_once = |connection: &mut Connection| update_all(connection, table, cached, &given, context);
        let owned = match pace {
            Pace::Long => Some(pace),
            Pace::Short | Pace::Measured(_) => {
                if models.len() > 1 {
                    // A value without a form in SQLite is found before anything runs.
                    (0..given.number()).try_for_each(|row| given.write(row, &mut |_| Ok(())))?;
                }
                self.write_borrowed(context, pace, &mut at_once).await?
            }
        };
        if let Some(pace) = owned {
            let copied = CopiedRows::of(&given, table).await?;
            let update = move |connection: &mut Connection| update_all(connection, table, cached, &copied, context);
            self.write(context, pace, update).await?;
        }
        let mut turns = Turns::default();
        for model in models {
            model.touch(now);
            turns.give_way().await;
        }
        Ok(())
    }
}

/// Takes what one value is bound to.
pub(super) type Sink<'a> = &'a mut dyn FnMut(Encoded<'_>) -> Result<()>;

/// Rows to update, by their position.
pub(super) trait Rows: Sync {
    fn number(&self) -> usize;

    fn key(&self, row: usize) -> Result<KeyValues>;

    /// The version that the row was read with, if the table has versions.
    fn version(&self, row: usize) -> Option<i64>;

    /// Gives the values of the columns that are set, then the key, and the version.
    fn write(&self, row: usize, sink: Sink<'_>) -> Result<()>;
}

/// Models of the caller.
struct GivenRows<'a, M> {
    models: &'a [M],
    now: SystemTime,
}

impl<M: Model> Rows for GivenRows<'_, M> {
    fn number(&self) -> usize {
        self.models.len()
    }

    fn key(&self, row: usize) -> Result<KeyValues> {
        self.models.get(row).map_or(Ok(Value::Null.into()), |model| model.primary_key().stored())
    }

    fn version(&self, row: usize) -> Option<i64> {
        self.models.get(row)?.current_version()
    }

    fn write(&self, row: usize, sink: Sink<'_>) -> Result<()> {
        let Some(model) = self.models.get(row) else { return Ok(()) };
        let key = model.primary_key();
        if M::TABLE.writes_only_key() {
            key.each_stored(sink)?;
        }
        model.write(&mut Arguments::new(M::TABLE, self.now, sink))?;
        key.each_stored(sink)?;
        model.current_version().map_or(Ok(()), |version| sink(Encoded::Integer(version)))
    }
}

/// The row with a key, as an update has left it.
fn stored<M: Model>(connection: &mut Connection, key: &KeyValues, context: Context<'static>) -> Result<M> {
    let rows = by_key::with_key(M::TABLE, key);
    let columns: Vec<_> = Selected::row(None, M::TABLE).collect();
    let select = Written::new(M::TABLE, |sql: &mut SqlWriter| sql.select(&columns, &rows))?;
    let row = connection.query_over(&select, context, M::decode)?.pop();
    row.ok_or_else(|| Error::ignored(context.operation, context.subject))
}

/// Updates rows by their keys, all or nothing.
fn update_all(
    connection: &mut Connection,
    table: &'static TableInfo,
    cached: &'static CachedSql,
    rows: &dyn Rows,
    context: Context<'static>,
) -> Result<()> {
    let update = |connection: &mut Connection| {
        let keys = || (0..rows.number()).map(|row| rows.key(row));
        let fit = by_key::writable(connection, table, keys(), context)?;
        by_key::leave_long_rows(connection, (table, cached), &fit, keys(), context)?;
        let text = RowStatement::Update.text_for(table, cached, &fit)?;
        let mut without_effect = None;
        let updated = connection.repeat(
            text,
            0..rows.number(),
            context,
            |row, sink| rows.write(*row, sink),
            |row, changed, _| {
                if changed == 0 {
                    without_effect = Some(row);
                    return Err(Error::ignored(Operation::Update, table.name));
                }
                Ok(())
            },
        );
        let Err((error, refused)) = updated else { return Ok(()) };
        if let Some(row) = without_effect {
            return Err(by_key::unchanged(connection, table, &rows.key(row)?, rows.version(row), context));
        }
        let Some(row) = refused else { return Err(error) };
        match row_values(table.updated(), |sink| rows.write(row, sink)) {
            Ok(values) => Err(explained(connection, table, error, &values)),
            Err(_) => Err(error),
        }
    };
    if rows.number() > 1 {
        return connection.atomically(context, update);
    }
    by_key::leave_long_row(connection, table, cached, rows.key(0), context)?;
    let text = RowStatement::Update.text(table, cached)?;
    match connection.write_row_alone(text, table, &|sink| rows.write(0, sink)) {
        Some(_) => Ok(()),
        None => connection.writing(context, update),
    }
}
