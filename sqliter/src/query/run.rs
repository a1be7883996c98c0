//! Running queries: the statement is built here, the work is done in one job.

use std::marker::PhantomData;
use std::sync::Arc;

use super::load::{self, Shape};
use super::{Entity, Written};
use crate::cache;
use crate::engine::{Access, Connection, OverTables, Pace, Row};
use crate::error::{Context, Error, Operation, Result};
use crate::foreign_keys;
use crate::model::Model;
use crate::session::Session;
use crate::sql::ast::{Expr, Selected, Set};
use crate::sql::{Argument, CacheUse, Query, SqlWriter, Statement};
use crate::table::{Fit, Fits, Seen, TableInfo};
use crate::value::Value;

/// The statement that fetches the columns.
pub(super) fn statement(query: &Query, columns: &[Selected]) -> Result<Statement> {
    check(query, columns)?;
    let mut sql = SqlWriter::new(query.table);
    sql.select(columns, query);
    sql.finish()
}

/// As [`statement`], for whatever the tables are.
pub(super) fn selecting(
    query: Query,
    columns: Vec<Selected>,
    write: impl Fn(&mut SqlWriter, &[Selected], &Query) + Send + Sync + 'static,
) -> Result<impl OverTables + Send + Sync + 'static> {
    check(&query, &columns)?;
    Written::new(query.table, move |sql: &mut SqlWriter| write(sql, &columns, &query))
}

fn check(query: &Query, columns: &[Selected]) -> Result<()> {
    if columns.is_empty() {
        return Err(Error::EmptySelection { table: query.table.name.to_owned() });
    }
    if let Some(value) = query.undetermined() {
        let value = Selected::new(value.clone()).name().into_owned();
        return Err(Error::NotGrouped { table: query.table.name.to_owned(), value });
    }
    Ok(())
}

pub(super) const fn fetching(query: &Query) -> Context<'static> {
    Context::new(Operation::Fetch, query.table.name)
}

/// The rows of a query. Without a pace, the record of the statement decides where it runs.
pub(crate) async fn rows<M, S: Shape<M>>(
    session: &Session,
    query: Query,
    shape: S,
    pace: Option<Pace>,
) -> Result<Vec<S::Output>> {
    fetch::<M, _>(session, query, shape, pace, SqlWriter::select).await
}

/// The last of the rows of a query.
pub(super) async fn last<M, S: Shape<M>>(session: &Session, query: Query, shape: S) -> Result<Option<S::Output>> {
    let found = if query.is_unlimited() {
        rows::<M, _>(session, query.reversed().single(), shape, None).await
    } else {
        fetch::<M, _>(session, query.ordered(), shape, None, SqlWriter::select_last).await
    };
    Ok(found?.pop())
}

async fn fetch<M, S: Shape<M>>(
    session: &Session,
    query: Query,
    mut shape: S,
    pace: Option<Pace>,
    write: fn(&mut SqlWriter, &[Selected], &Query),
) -> Result<Vec<S::Output>> {
    let columns = load::prepared::<M, S>(&mut shape)?;
    let (context, cache, width) = (fetching(&query), query.cache, columns.len());
    let statement = selecting(query, columns, write)?;
    let pace = pace.unwrap_or_else(|| Pace::Measured(statement.plain().fingerprint()));
    run::<M, S, _>(session, Fetch { statement, context, cache, pace, width }, shape).await
}

/// The row of a model with this key.
pub(crate) async fn by_key<M: Model>(session: &Session, key: Value, cache: CacheUse) -> Result<Option<M>> {
    let text = M::texts().by_key(|| {
        let mut sql = SqlWriter::new(M::TABLE);
        select_by_key::<M>(&mut sql, Value::Null);
        Ok(sql.finish()?.text)
    })?;
    let named = key.clone();
    let plain = Statement { text: text.to_owned(), arguments: vec![Argument::Value(key)] };
    let fetch = Fetch {
        statement: ByKey::<M> { plain, model: PhantomData },
        context: Context::new(Operation::Fetch, M::TABLE.name),
        cache,
        pace: Pace::Short,
        width: M::TABLE.columns.len(),
    };
    let mut rows = run::<M, _, _>(session, fetch, Entity::<M>::new()).await?;
    match rows.len() {
        0 | 1 => Ok(rows.pop()),
        _ => Err(key_not_unique(Operation::Fetch, M::TABLE, &named)),
    }
}

/// Several rows have the key by which one was named.
pub(crate) fn key_not_unique(operation: Operation, table: &TableInfo, key: &Value) -> Error {
    Error::KeyNotUnique {
        operation,
        table: table.name.to_owned(),
        column: table.key_column().name.to_owned(),
        key: key.to_string(),
    }
}

fn select_by_key<M: Model>(sql: &mut SqlWriter, key: Value) {
    let mut query = Query::new(M::TABLE);
    query.filters.push(Expr::is(M::TABLE.key_column(), Expr::Value(key)));
    let columns: Vec<_> = Selected::row(None, M::TABLE).collect();
    sql.select(&columns, &query);
}

/// The statement that reads a row by its key.
struct ByKey<M> {
    plain: Statement,
    model: PhantomData<fn() -> M>,
}

impl<M: Model> OverTables for ByKey<M> {
    fn plain(&self) -> &Statement {
        &self.plain
    }

    fn tables(&self) -> &[Seen] {
        const { &[Seen::Table(M::TABLE)] }
    }

    fn fitted(&self, fits: &Arc<Fits>) -> Result<Statement> {
        let mut sql = SqlWriter::new(M::TABLE).fitting(Arc::clone(fits));
        if let Some(Argument::Value(key)) = self.plain.arguments.first() {
            select_by_key::<M>(&mut sql, key.clone());
        }
        sql.finish()
    }
}

/// A query as the engine needs it.
struct Fetch<S> {
    statement: S,
    context: Context<'static>,
    cache: CacheUse,
    pace: Pace,
    /// How many columns the statement selects.
    width: usize,
}

async fn run<M, S: Shape<M>, W: OverTables + Send + 'static>(
    session: &Session,
    fetch: Fetch<W>,
    shape: S,
) -> Result<Vec<S::Output>> {
    let Fetch { statement, context, cache: CacheUse { bypass, ttl }, pace, width } = fetch;
    let uses_cache = !S::DEFERRED && !bypass && !session.in_transaction();
    let cache = session.cache().filter(|_| uses_cache);
    let version = match cache {
        Some(cache) => cache.version(session.engine()).await?,
        None => None,
    };
    let (Some(cache), Some(version)) = (cache, version) else {
        return session
            .run(Access::Read, context, pace, move |connection| read(connection, &statement, context, &shape))
            .await;
    };
    let key = cache::key(statement.plain(), statement.tables());
    if let Some(rows) = cache.lookup(&key, version) {
        return rows.iter().map(|values| load::read(&shape, &Row::kept(values))).collect();
    }
    let (decoded, kept) = session
        .run(Access::Read, context, pace, move |connection| {
            let mut kept = Some(Vec::new());
            let decoded = connection.query_over(&statement, context, |row| {
                kept = kept.take().zip(row.values(width)).map(|(mut rows, values)| {
                    rows.push(values);
                    rows
                });
                load::read(&shape, row)
            })?;
            Ok((decoded, kept))
        })
        .await?;
    if let Some(rows) = kept {
        cache.store(key, version, ttl, rows.into());
    }
    Ok(decoded)
}

/// Runs the statement and those that the shape needs besides, all on one state of the database.
fn read<M, S: Shape<M>>(
    connection: &mut Connection,
    statement: &dyn OverTables,
    context: Context<'static>,
    shape: &S,
) -> Result<Vec<S::Output>> {
    if !S::DEFERRED {
        return connection.query_over(statement, context, |row| load::read(shape, row));
    }
    connection.snapshot(context, |connection| {
        let cells = connection.query_over(statement, context, |row| shape.decode(row, &mut 0))?;
        shape.finish(connection, cells)
    })
}

pub(super) async fn number(session: &Session, query: Query, write: fn(&mut SqlWriter, &Query)) -> Result<u64> {
    let context = fetching(&query);
    let statement = Written::new(query.table, move |sql: &mut SqlWriter| write(sql, &query))?;
    let numbers = session
        .run(Access::Read, context, Pace::Measured(statement.plain().fingerprint()), move |connection| {
            connection.query_over(&statement, context, |row| Ok(row.integer(0)))
        })
        .await?;
    Ok(numbers.first().copied().flatten().unwrap_or_default().unsigned_abs())
}

pub(super) async fn update(session: &Session, query: Query, mut sets: Vec<Set>) -> Result<u64> {
    if sets.is_empty() {
        return Ok(0);
    }
    let context = Context::new(Operation::Update, query.table.name);
    for column in query.table.columns {
        let assigned = sets.iter().any(|set| set.column.name == column.name);
        if let (Some(now), false) = (column.now, assigned) {
            sets.push(Set { column, value: Expr::value(now(session.now()), column.name) });
        }
    }
    let assigned = sets.clone();
    let table = query.table;
    let statement = Written::new(table, move |sql: &mut SqlWriter| sql.update(&query, &sets))?;
    session
        .write(context, Pace::Measured(statement.plain().fingerprint()), move |connection| {
            let failed = match change(connection, table, &statement, None, context) {
                Ok(changed) => return Ok(changed),
                Err(error) => error,
            };
            let assigned = assigned.iter().filter_map(|set| match &set.value {
                Expr::Value(value) => Some((set.column, value.clone())),
                _ => None,
            });
            Err(foreign_keys::explain_reference(connection, failed, assigned))
        })
        .await
}

/// Deletes the rows of a query; gives their number. With a key it is the one row of that key, which must be there.
pub(crate) async fn delete(session: &Session, query: Query, key: Option<Value>) -> Result<u64> {
    let context = Context::new(Operation::Delete, query.table.name);
    let chosen = query.clone();
    let statement = Written::new(query.table, move |sql: &mut SqlWriter| sql.delete(&chosen))?;
    let pace = if key.is_some() { Pace::Short } else { Pace::Measured(statement.plain().fingerprint()) };
    session
        .write(context, pace, move |connection| {
            let failed = match change(connection, query.table, &statement, key.as_ref(), context) {
                Ok(changed) => return Ok(changed),
                Err(error) => error,
            };
            let mut keys = SqlWriter::new(query.table);
            keys.select_keys(&query.ordered());
            Err(foreign_keys::explain_referrers(connection, failed, context.subject, &keys.finish()?))
        })
        .await
}

/// Whether a key names no more than one row, in a transaction that writes.
pub(crate) fn check_names_one_row(
    connection: &mut Connection,
    fit: &Fit,
    table: &'static TableInfo,
    key: &Value,
    context: Context<'_>,
) -> Result<()> {
    if fit.key_names_rows() {
        return Ok(());
    }
    match number_named(connection, table, key, context)? {
        0 | 1 => Ok(()),
        _ => Err(key_not_unique(context.operation, table, key)),
    }
}

/// How many rows a key names, of which two are enough to know that there are several.
fn number_named(
    connection: &mut Connection,
    table: &'static TableInfo,
    key: &Value,
    context: Context<'_>,
) -> Result<usize> {
    let named = Written::new(table, |sql: &mut SqlWriter| {
        sql.push("SELECT 1 FROM ");
        sql.name(table.name);
        sql.push(" WHERE ");
        sql.equal(table, table.key_column());
        sql.bind(key.clone());
        sql.push(" LIMIT 2");
    })?;
    Ok(connection.query_over(&named, context, |_| Ok(()))?.len())
}

/// Why a write by a key has changed nothing: there is no such row, or the schema has ignored the write.
pub(crate) fn unchanged(
    connection: &mut Connection,
    table: &'static TableInfo,
    key: &Value,
    context: Context<'_>,
) -> Error {
    match number_named(connection, table, key, context) {
        Ok(0) => Error::RecordNotFound { table: table.name.to_owned(), key: Some(key.to_string()) },
        Ok(_) => Error::Ignored { operation: context.operation, table: table.name.to_owned() },
        Err(error) => error,
    }
}

/// Runs a statement that changes rows of a table, with a key exactly one; gives their number.
fn change(
    connection: &mut Connection,
    table: &'static TableInfo,
    statement: &dyn OverTables,
    key: Option<&Value>,
    context: Context<'static>,
) -> Result<u64> {
    connection.writing(context, |connection| {
        let fit = connection.fit(table, context)?;
        fit.check_writable(context)?;
        if let Some(key) = key {
            check_names_one_row(connection, &fit, table, key, context)?;
        }
        let statement = connection.fitting(statement, context)?;
        match (connection.try_execute(&statement), key) {
            (Ok(0), Some(key)) => Err(unchanged(connection, table, key, context)),
            (Ok(changed), _) => Ok(changed),
            (Err(report), _) => Err(connection.error(context, report)),
        }
    })
}
