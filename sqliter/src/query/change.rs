//! Updating and deleting the rows of a query.

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context as Waiting, Poll};

use super::Entity;
use super::load::{self, Shape};
use super::returning::{Most, Returned, Returning, written};
use crate::engine::{Connection, Pace};
use crate::error::{Context, Error, Operation, Result};
use crate::foreign_keys;
use crate::model::{Columns, Model};
use crate::session::{Call, Session};
use crate::sql::ast::{Expr, Selected, Set};
use crate::sql::{Delete, OverTables, Query, SqlWriter, Update, Written};
use crate::table::TableInfo;
use crate::value::Value;

/// An update or a deletion of the rows of a chain. Awaited, it gives their number; [`returning`](Self::returning) and
/// [`returning_rows`](Self::returning_rows) give what was written instead.
#[must_use = "nothing is written before this is awaited"]
pub struct Change<'s, M> {
    session: &'s Session,
    call: Call<'s, Kind, u64>,
    model: PhantomData<fn() -> M>,
}

/// What is done to the rows.
enum Kind {
    Update(Query, Vec<Set>),
    /// As the model says: softly, or for good.
    Delete(Query),
    DeleteForGood(Query),
}

impl<M: Model> fmt::Debug for Change<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Change").field("table", &M::TABLE.name).finish_non_exhaustive()
    }
}

impl<'s, M> Change<'s, M> {
    pub(super) const fn update(session: &'s Session, rows: Query, sets: Vec<Set>) -> Self {
        Self { session, call: Call::Told(Kind::Update(rows, sets)), model: PhantomData }
    }

    pub(super) const fn delete(session: &'s Session, rows: Query) -> Self {
        Self { session, call: Call::Told(Kind::Delete(rows)), model: PhantomData }
    }

    pub(super) const fn delete_for_good(session: &'s Session, rows: Query) -> Self {
        Self { session, call: Call::Told(Kind::DeleteForGood(rows)), model: PhantomData }
    }

    /// Takes back the soft deletion of the rows.
    pub(super) fn restore(session: &'s Session, rows: Query) -> Self {
        let column = rows.table.soft_delete_column();
        let sets = column.map(|column| Set { column, value: Expr::Value(Value::Null) });
        Self::update(session, rows, sets.into_iter().collect())
    }
}

impl<'s, M: Model> Change<'s, M> {
    /// Gives back values of the rows that are written, as a tuple: as they are after an update or a soft deletion, and as they
    /// were before one for good.
    ///
    /// ```
    /// # use sqliter::prelude::*;
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Project { pk: Key<Project>, last_number: i64 }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_table::<Project>().await?;
    /// # let project = db.insert(Project::builder().last_number(7)).await?.pk;
    /// let (number,): (i64,) = db
    ///     .select::<Project>()
    ///     .filter(|p| p.pk.eq(project))
    ///     .update(|p| p.last_number.add(1))
    ///     .returning(|p| p.last_number)
    ///     .fetch_required()
    ///     .await?;
    /// assert_eq!(number, 8);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Those of the write; before anything runs, [`Error::ReturningRelated`] when a value is computed from related rows.
    pub fn returning<V: Returned<M>>(
        self,
        values: impl FnOnce(&M::Columns<M>) -> V,
    ) -> Returning<'s, <V::Tuple as Shape<M>>::Output> {
        self.giving(values(Columns::COLUMNS).into_tuple())
    }

    /// Gives back the rows that are written: as they are after an update or a soft deletion, generated columns included, and as
    /// they were before a deletion for good.
    ///
    /// ```
    /// # use sqliter::prelude::*;
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Login { pk: Key<Login>, expires: i64 }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_table::<Login>().await?;
    /// # db.bulk_insert([5, 15].map(|expires| Login::builder().expires(expires))).await?;
    /// let gone: Vec<Login> =
    ///     db.select::<Login>().filter(|l| l.expires.lt(10)).delete().returning_rows().fetch_all().await?;
    /// assert_eq!(gone[0].expires, 5);
    /// # Ok(())
    /// # }
    /// ```
    pub fn returning_rows(self) -> Returning<'s, M> {
        self.giving(Entity::<M>::new())
    }

    fn giving<S: Shape<M>>(self, shape: S) -> Returning<'s, S::Output> {
        let (session, kind) = (self.session, self.call.into_told());
        Returning::new(M::TABLE.name, move |most| {
            Box::pin(async move {
                match kind? {
                    Kind::Update(rows, sets) => update_giving::<M, S>(session, rows, sets, shape, most).await,
                    Kind::Delete(rows) => {
                        let delete = Delete::new(rows, session.now(), Vec::new());
                        delete_giving::<M, S>(session, delete, shape, most).await
                    }
                    Kind::DeleteForGood(rows) => {
                        delete_giving::<M, S>(session, Delete::for_good(rows, Vec::new()), shape, most).await
                    }
                }
            })
        })
    }
}

// Nothing in it is pinned.
impl<M> Unpin for Change<'_, M> {}

impl<M: Model> Future for Change<'_, M> {
    type Output = Result<u64>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Waiting<'_>) -> Poll<Self::Output> {
        let session = self.session;
        self.call.poll(cx, |kind| match kind {
            Kind::Update(rows, sets) => Box::pin(update(session, rows, sets)),
            Kind::Delete(rows) => Box::pin(delete(session, Delete::new(rows, session.now(), Vec::new()))),
            Kind::DeleteForGood(rows) => Box::pin(delete(session, Delete::for_good(rows, Vec::new()))),
        })
    }
}

async fn update(session: &Session, rows: Query, sets: Vec<Set>) -> Result<u64> {
    let (table, context) = (rows.table, updating(&rows));
    let Some(update) = written_update(session, rows, sets, Vec::new())? else { return Ok(0) };
    session
        .write(context, pace_of(&update), move |connection| {
            change(connection, table, Operation::Update, &update, context)
                .map_err(|error| explain_update(connection, update.statement(), error))
        })
        .await
}

async fn update_giving<M: Model, S: Shape<M>>(
    session: &Session,
    rows: Query,
    sets: Vec<Set>,
    mut shape: S,
    most: Most,
) -> Result<Vec<S::Output>> {
    let context = updating(&rows);
    let returning = load::prepared::<M, S>(&mut shape)?;
    let Some(update) = written_update(session, rows, sets, returning)? else { return Ok(Vec::new()) };
    session
        .write(context, pace_of(&update), move |connection| {
            change_giving::<M, S>(connection, &update, &shape, most, context)
                .map_err(|error| explain_update(connection, update.statement(), error))
        })
        .await
}

fn updating(rows: &Query) -> Context<'static> {
    Context::new(Operation::Update, rows.table.name).within(rows.timeout)
}

fn deleting(rows: &Query) -> Context<'static> {
    Context::new(Operation::Delete, rows.table.name).within(rows.timeout)
}

/// The statement, with what it writes besides; `None` when it sets nothing.
fn written_update(
    session: &Session,
    rows: Query,
    sets: Vec<Set>,
    returning: Vec<Selected>,
) -> Result<Option<Written<Update>>> {
    if sets.is_empty() {
        return Ok(None);
    }
    Written::new(rows.table, Update::touching(rows, sets, session.now(), returning)).map(Some)
}

fn explain_update(connection: &mut Connection, update: &Update, error: Error) -> Error {
    let assigned = update.sets.iter().filter_map(|set| {
        let Expr::Value(value) = &set.value else { return None };
        Some((set.column, value))
    });
    foreign_keys::explain_reference(connection, update.rows.table.with_checked_column(error), assigned)
}

/// Deletes the rows of a query; gives their number.
async fn delete(session: &Session, delete: Delete) -> Result<u64> {
    let (table, context) = (delete.rows.table, deleting(&delete.rows));
    let pace = pace_of_whole(&delete.rows);
    let delete = Written::new(table, delete)?;
    session
        .write(context, pace.unwrap_or_else(|| pace_of(&delete)), move |connection| {
            change(connection, table, delete.statement().operation(), &delete, context)
                .map_err(|error| explain_delete(connection, delete.statement(), error))
        })
        .await
}

async fn delete_giving<M: Model, S: Shape<M>>(
    session: &Session,
    mut delete: Delete,
    mut shape: S,
    most: Most,
) -> Result<Vec<S::Output>> {
    let (table, context) = (delete.rows.table, deleting(&delete.rows));
    let pace = pace_of_whole(&delete.rows);
    delete.returning = load::prepared::<M, S>(&mut shape)?;
    let delete = Written::new(table, delete)?;
    session
        .write(context, pace.unwrap_or_else(|| pace_of(&delete)), move |connection| {
            change_giving::<M, S>(connection, &delete, &shape, most, context)
                .map_err(|error| explain_delete(connection, delete.statement(), error))
        })
        .await
}

/// SQLite empties a table in one step, in which it looks at no limit.
fn pace_of_whole(rows: &Query) -> Option<Pace> {
    rows.is_whole().then_some(Pace::Long)
}

/// How long a statement that changes rows takes.
fn pace_of(statement: &impl OverTables) -> Pace {
    if statement.may_format() { Pace::Long } else { Pace::Measured(statement.plain().fingerprint()) }
}

fn explain_delete(connection: &mut Connection, delete: &Delete, error: Error) -> Error {
    let table = delete.rows.table;
    // Whatever refers to a key of several columns, no model does.
    if table.has_composite_key() {
        return error;
    }
    let mut keys = SqlWriter::new(table);
    keys.select_keys(&delete.rows.clone().ordered());
    match keys.finish() {
        Ok(keys) => foreign_keys::explain_referrers(connection, error, table.name, &keys),
        Err(_) => error,
    }
}

/// Runs a statement that changes rows of a table; gives their number.
fn change(
    connection: &mut Connection,
    table: &'static TableInfo,
    operation: Operation,
    statement: &dyn OverTables,
    context: Context<'static>,
) -> Result<u64> {
    // A long value is freed in one step.
    if table.columns_of_any_length().next().is_some() {
        connection.walk(context)?;
    }
    if let Some(wrote) = connection.write_alone(operation, statement) {
        return Ok(wrote.rows);
    }
    connection.writing(context, |connection| {
        connection.fit(table, context)?.check_writable(context)?;
        let statement = connection.fitting(statement, context)?;
        connection.try_execute(&statement).map_err(|report| connection.error(context, report))
    })
}

/// The same for a statement that gives back what it has written. What does not fit undoes it.
fn change_giving<M: Model, S: Shape<M>>(
    connection: &mut Connection,
    statement: &dyn OverTables,
    shape: &S,
    most: Most,
    context: Context<'static>,
) -> Result<Vec<S::Output>> {
    // A long value is freed in one step.
    if M::TABLE.columns_of_any_length().next().is_some() {
        connection.walk(context)?;
    }
    connection.writing_whole(context, |connection| {
        connection.fit(M::TABLE, context)?.check_writable(context)?;
        let statement = connection.fitting(statement, context)?;
        written::<M, S>(connection, &statement, shape, most, context)
    })
}
