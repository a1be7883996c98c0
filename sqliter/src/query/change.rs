//! Updating and deleting the rows of a query.

use super::load::{self, Shape};
use super::returning::{Most, written};
use super::write::{Work, Write};
use crate::engine::{Connection, Pace};
use crate::error::{Context, Error, Operation, Result};
use crate::foreign_keys;
use crate::model::Model;
use crate::session::{Pending, Session};
use crate::sql::ast::{Expr, Selected, Set};
use crate::sql::{Delete, OverTables, Query, Sql, SqlWriter, Update, Written};
use crate::table::TableInfo;
use crate::value::Value;

/// An update or a deletion of the rows of a chain. Awaited, it gives their number.
pub type Change<'s, M, T = u64> = Write<'s, M, ChosenRows, T>;

/// The rows of a chain, and what is done to them.
#[derive(Debug)]
pub struct ChosenRows(Kind);

#[derive(Debug)]
enum Kind {
    Update(Query, Vec<Set>),
    /// As the model says: softly, or for good.
    Delete(Query),
    DeleteForGood(Query),
}

impl<'s, M> Change<'s, M> {
    pub(super) const fn update(session: &'s Session, rows: Query, sets: Vec<Set>) -> Self {
        Self::of(session, Kind::Update(rows, sets))
    }

    pub(super) const fn delete(session: &'s Session, rows: Query) -> Self {
        Self::of(session, Kind::Delete(rows))
    }

    pub(super) const fn delete_for_good(session: &'s Session, rows: Query) -> Self {
        Self::of(session, Kind::DeleteForGood(rows))
    }

    /// Takes back the soft deletion of the rows.
    pub(super) fn restore(session: &'s Session, rows: Query) -> Self {
        let column = rows.table.soft_delete_column();
        let sets = column.map(|column| Set { column, value: Expr::Value(Value::Null) });
        Self::update(session, rows, sets.into_iter().collect())
    }

    const fn of(session: &'s Session, kind: Kind) -> Self {
        Self::new(session, ChosenRows(kind), |session, ChosenRows(kind)| match kind {
            Kind::Update(rows, sets) => Box::pin(update(session, rows, sets)),
            Kind::Delete(rows) => Box::pin(delete(session, Delete::new(rows, session.now(), Vec::new()))),
            Kind::DeleteForGood(rows) => Box::pin(delete(session, Delete::for_good(rows, Vec::new()))),
        })
    }
}

impl<M: Model> Work<M> for ChosenRows {
    fn giving<S: Shape<M>>(self, session: &Session, shape: S, most: Most) -> Pending<'_, Vec<S::Output>> {
        match self.0 {
            Kind::Update(rows, sets) => Box::pin(update_giving::<M, S>(session, rows, sets, shape, most)),
            Kind::Delete(rows) => {
                let delete = Delete::new(rows, session.now(), Vec::new());
                Box::pin(delete_giving::<M, S>(session, delete, shape, most))
            }
            Kind::DeleteForGood(rows) => {
                Box::pin(delete_giving::<M, S>(session, Delete::for_good(rows, Vec::new()), shape, most))
            }
        }
    }

    fn statements(self, session: &Session) -> Result<Vec<Sql>> {
        let delete = match self.0 {
            Kind::Update(rows, sets) => {
                let update = written_update(session, rows, sets, Vec::new())?;
                return Ok(update.into_iter().map(|update| update.plain().clone()).collect());
            }
            Kind::Delete(rows) => Delete::new(rows, session.now(), Vec::new()),
            Kind::DeleteForGood(rows) => Delete::for_good(rows, Vec::new()),
        };
        Ok(vec![Written::new(delete.rows.table, delete)?.plain().clone()])
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
    foreign_keys::explain_written(connection, update.rows.table, error, update.assigned())
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
    if let Some(wrote) = connection.write_alone(operation, statement, context)? {
        return Ok(wrote.rows);
    }
    connection.goes_on(context)?;
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
    connection.writing_whole(context, |connection| {
        connection.fit(M::TABLE, context)?.check_writable(context)?;
        let statement = connection.fitting(statement, context)?;
        written::<M, S>(connection, &statement, shape, most, context)
    })
}
