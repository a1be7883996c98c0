//! Updating rows that are given as values, and rows that meet a condition.

use std::slice;
use std::time::SystemTime;

use super::by_key;
use super::copied::{CopiedRows, Turns};
use super::new_values::telling_apart;
use super::{row_values, values};
use crate::engine::{Connection, Pace, RowRef, Runs};
use crate::error::{Context, Error, Operation, Result};
use crate::expr::{Assignments, Condition};
use crate::foreign_keys::explain_written;
use crate::model::{Arguments, Model, Writes};
use crate::query::Change;
use crate::session::{Pending, Session};
use crate::sql::Argument;
use crate::table::{CachedSql, RowStatement, TableInfo};
use crate::value::{Encoded, KeyValues, Value};

impl Session {
    /// Writes all columns of the row with the same key, and sets `updated_at` in the database and in the model. Generated
    /// columns get in the model what SQLite has computed. The model is left as it was when that fails.
    ///
    /// All columns are written, also those that the program has not changed: if two have read the same row, the one that writes last
    /// overwrites what the other has written, without an error. Where that can happen, write only what changes, by
    /// [`patch`](Self::patch) or by [`select`](Self::select), `filter` and [`update`](crate::Select::update); or give the model a
    /// [version](derive@crate::Model), with which the second one gets [`Error::Stale`](crate::Error::Stale), reads the row again and
    /// decides.
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
        self.updating(slice::from_mut(model))
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
    /// As [`update`](Self::update), for the first row that fails; the error says which one it is
    /// ([`Error::refused_row`]). Nothing is changed then, neither rows nor models.
    pub fn bulk_update<'a, M: Model>(&'a self, models: &'a mut [M]) -> Pending<'a, ()>
    where
        M::Access: Writes<M>,
    {
        self.updating(models)
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
    ) -> Change<'_, M>
    where
        M::Access: Writes<M>,
    {
        self.select::<M>().filter(condition).update(assignments)
    }

    fn updating<'a, M: Model>(&'a self, models: &'a mut [M]) -> Pending<'a, ()> {
        match const { M::TABLE.has_generated() } {
            true => Box::pin(self.update_generated(models)),
            false => Box::pin(self.update_rows(models)),
        }
    }

    /// Updates rows of which SQLite computes columns, and reads these.
    async fn update_generated<M: Model>(&self, models: &mut [M]) -> Result<()> {
        if models.is_empty() {
            return Ok(());
        }
        let now = self.now();
        let context = self.limited(Context::new(Operation::Update, M::TABLE.name));
        let pace = Pace::of_rows(models.len());
        let copied = CopiedRows::of(&GivenRows { models: &*models, now }, M::TABLE).await?;
        let update = move |connection: &mut Connection| {
            let update = |connection: &mut Connection| update_returning::<M>(connection, &copied, context);
            match copied.number() {
                1 => connection.writing_whole(context, update),
                _ => connection.atomically(context, update),
            }
        };
        let stored: Vec<M> = self.write(context, pace, update).await?;
        let mut turns = Turns::default();
        for (model, stored) in models.iter_mut().zip(stored) {
            model.touch(now);
            model.take_generated(stored);
            turns.give_way().await;
        }
        Ok(())
    }

    /// Updates rows of which SQLite computes nothing.
    async fn update_rows<M: Model>(&self, models: &mut [M]) -> Result<()> {
        if models.is_empty() {
            return Ok(());
        }
        let (table, cached, now) = (M::TABLE, M::cached_sql(), self.now());
        let context = self.limited(Context::new(Operation::Update, table.name));
        let pace = Pace::of_rows(models.len());
        let given = GivenRows { models: &*models, now };
        let mut at_once = |connection: &mut Connection| update_all(connection, table, cached, &given, context);
        let owned = match pace {
            Pace::Long => Some(pace),
            Pace::Short | Pace::Measured(_) => {
                if models.len() > 1 {
                    // A value without a form in SQLite is found before anything runs.
                    (0..given.number()).try_for_each(|row| {
                        given.write(row, &mut |_| Ok(())).map_err(|error| error.in_row(row, Vec::new))
                    })?;
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

/// Updates rows by their keys, in a transaction, and gives them as they are stored. What was written before one fails must be
/// undone.
fn update_returning<M: Model>(
    connection: &mut Connection,
    rows: &CopiedRows,
    context: Context<'static>,
) -> Result<Vec<M>> {
    let table = M::TABLE;
    let fit = by_key::writable(connection, table, (0..rows.number()).map(|row| rows.key(row)), context)?;
    let update = RowStatement::UpdateReturning.texts_for(table, M::cached_sql(), &fit)?;
    let mut updated = Updated { rows: Vec::with_capacity(rows.number()), without_effect: false };
    let mut bind = |row: usize, arguments: &mut Vec<Argument>| {
        arguments.clear();
        arguments.extend(rows.row(row).iter().cloned().map(Argument::Value));
        Ok(())
    };
    match connection.repeat_query(update.into(), rows.number(), context, &mut bind, &mut updated) {
        Ok(()) => Ok(updated.rows),
        Err((error, Some(row))) => Err(refused(connection, table, rows, row, error, updated.without_effect, context)),
        Err((error, None)) => Err(error),
    }
}

/// The rows that were updated so far.
struct Updated<M> {
    rows: Vec<M>,
    without_effect: bool,
}

impl<M: Model> Runs for Updated<M> {
    fn row(&mut self, _: usize, row: &RowRef<'_>) -> Result<()> {
        self.rows.push(M::decode(row)?);
        Ok(())
    }

    fn done(&mut self, _: usize, changed: u64, _: i64) -> Result<()> {
        self.without_effect = changed == 0;
        if self.without_effect { Err(Error::ignored(Operation::Update, M::TABLE.name)) } else { Ok(()) }
    }
}

/// Why a row was not updated, and which one it was of several.
fn refused(
    connection: &mut Connection,
    table: &'static TableInfo,
    rows: &dyn Rows,
    row: usize,
    error: Error,
    without_effect: bool,
    context: Context<'static>,
) -> Error {
    // Of what runs anew on a thread nobody hears, and a long value is not copied for it.
    let (true, Ok(key)) = (connection.goes_on(context).is_ok(), rows.key(row)) else { return error };
    let written = row_values(table.updated(), |sink| rows.write(row, sink)).unwrap_or_default();
    let error = match without_effect {
        true => by_key::unchanged(connection, &by_key::with_key(table, &key), &key, rows.version(row), context),
        false => explain_written(connection, table, error, values(&written)),
    };
    if rows.number() == 1 {
        return error;
    }
    error.in_row(row, || {
        let mut told = by_key::named(table, &key);
        if !table.writes_only_key() {
            told.extend(telling_apart(table, &written));
        }
        told
    })
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
        let fit = by_key::writable(connection, table, (0..rows.number()).map(|row| rows.key(row)), context)?;
        let update = RowStatement::Update.texts_for(table, cached, &fit)?;
        let mut without_effect = false;
        let updated = connection.repeat(
            update.into(),
            rows.number(),
            context,
            &|row, sink| rows.write(row, sink),
            &mut |_, changed, _| {
                if changed == 0 {
                    without_effect = true;
                    return Err(Error::ignored(Operation::Update, table.name));
                }
                Ok(())
            },
        );
        match updated {
            Ok(()) => Ok(()),
            Err((error, Some(row))) => Err(refused(connection, table, rows, row, error, without_effect, context)),
            Err((error, None)) => Err(error),
        }
    };
    if rows.number() > 1 {
        return connection.atomically(context, update);
    }
    let text = RowStatement::Update.texts(table, cached)?.into();
    match connection.write_row_alone(context.operation, text, table, &|sink| rows.write(0, sink)) {
        Some(_) => Ok(()),
        None => connection.writing(context, update),
    }
}
