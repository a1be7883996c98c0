//! Running queries: the statement is built here, the work is done in one job.

use std::marker::PhantomData;
use std::sync::{Arc, Mutex};

use super::Entity;
use super::load::{self, Shape};
use crate::cache::{self, Keeping, Rows};
use crate::engine::{Access, Connection, Pace, Row, locked};
use crate::error::{Context, Error, Operation, Result};
use crate::model::Model;
use crate::session::Session;
use crate::sql::{Argument, CacheUse, OverTables, Query, SqlWriter, Statement, Written, ast::Selected};
use crate::table::{Fits, RowStatement, Seen, TableInfo};
use crate::value::KeyValues;

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
pub(crate) async fn by_key<M: Model>(session: &Session, key: KeyValues, cache: CacheUse) -> Result<Option<M>> {
    let text = RowStatement::Select.text(M::TABLE, M::cached_sql())?;
    let arguments = key.iter().cloned().map(Argument::Value).collect();
    let plain = Statement { text: text.to_owned(), arguments };
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
        _ => Err(key_not_unique(Operation::Fetch, M::TABLE, &key)),
    }
}

/// Several rows have the key by which one was named.
pub(crate) fn key_not_unique(operation: Operation, table: &TableInfo, key: &KeyValues) -> Error {
    Error::KeyNotUnique {
        operation,
        table: table.name.to_owned(),
        column: table.key_columns().map(|column| column.name).collect::<Vec<_>>().join(", "),
        key: key.to_string(),
    }
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
        let text = match Seen::Table(M::TABLE).known(fits) {
            Some(fit) => RowStatement::Select.text_for(M::TABLE, M::cached_sql(), fit)?,
            None => &self.plain.text,
        };
        Ok(Statement { text: text.to_owned(), arguments: self.plain.arguments.clone() })
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
    let (found, dropped) = cache.lookup(&key, version);
    drop_rows(session, dropped);
    if let Some(kept) = found {
        let are_many = kept.are_many();
        let decode = move || kept.rows.iter().map(|values| load::read(&shape, &Row::kept(values))).collect();
        if !are_many {
            return decode();
        }
        let place = Arc::new(Mutex::new(Ok(Vec::new())));
        let filled = Arc::clone(&place);
        session.engine().aside(Box::new(move || *locked(&filled) = decode())).await?;
        return std::mem::replace(&mut *locked(&place), Ok(Vec::new()));
    }
    let keeping = cache.keeping();
    let (decoded, kept) = session
        .run(Access::Read, context, pace, move |connection| {
            let mut kept = Some(keeping.again());
            let decoded = connection.query_over(&statement, context, |row| {
                kept = kept.take().and_then(|kept| kept.and(row, width));
                load::read(&shape, row)
            })?;
            Ok((decoded, kept.map(Keeping::done)))
        })
        .await?;
    if let Some(rows) = kept {
        drop_rows(session, cache.store(key, version, ttl, rows));
    }
    Ok(decoded)
}

/// Drops what the cache keeps no more, where that keeps nobody waiting.
fn drop_rows(session: &Session, rows: impl IntoIterator<Item = Rows> + Send + 'static) {
    const MANY: usize = 16;
    let rows: Vec<_> = rows.into_iter().collect();
    if rows.len() > MANY || rows.iter().any(Rows::are_many) {
        session.engine().drop_aside(rows);
    }
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

/// The rows of a query and a number, both of the same moment.
pub(super) async fn rows_and_number<M, S: Shape<M>>(
    session: &Session,
    query: Query,
    mut shape: S,
    counted: Query,
    write: fn(&mut SqlWriter, &Query),
) -> Result<(Vec<S::Output>, u64)> {
    let columns = load::prepared::<M, S>(&mut shape)?;
    let (context, is_whole) = (fetching(&query), counted.is_whole());
    let rows = selecting(query, columns, SqlWriter::select)?;
    let number = Written::new(counted.table, move |sql: &mut SqlWriter| write(sql, &counted))?;
    let pace = Pace::Measured(rows.plain().fingerprint() ^ number.plain().fingerprint());
    session
        .run(Access::Read, context, pace, move |connection| {
            if is_whole {
                connection.walk(context)?;
            }
            connection.snapshot(context, |connection| {
                let found = read(connection, &rows, context, &shape)?;
                let numbers = connection.query_over(&number, context, |row| Ok(row.integer(0)))?;
                Ok((found, first_number(&numbers)))
            })
        })
        .await
}

/// The number that a statement gives.
fn first_number(numbers: &[Option<i64>]) -> u64 {
    numbers.first().copied().flatten().unwrap_or_default().unsigned_abs()
}

pub(super) async fn number(session: &Session, query: Query, write: fn(&mut SqlWriter, &Query)) -> Result<u64> {
    let (context, is_whole) = (fetching(&query), query.is_whole());
    let statement = Written::new(query.table, move |sql: &mut SqlWriter| write(sql, &query))?;
    let numbers = session
        .run(Access::Read, context, Pace::Measured(statement.plain().fingerprint()), move |connection| {
            if is_whole {
                connection.walk(context)?;
            }
            connection.query_over(&statement, context, |row| Ok(row.integer(0)))
        })
        .await?;
    Ok(first_number(&numbers))
}
