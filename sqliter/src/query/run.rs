//! Running queries: the statement is built here, the work is done in one job.

use std::marker::PhantomData;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::Entity;
use super::load::{self, Loaded, Loading, Shape, lost_rows};
use crate::cache::{self, Keeping, Rows};
use crate::engine::{Access, Connection, Pace, RowRef, locked};
use crate::error::{Context, Error, Operation, Result};
use crate::model::Model;
use crate::session::Session;
use crate::sql::{Argument, CacheUse, Frees, OverTables, Query, SqlWriter, Statement, Written, ast::Selected};
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
    if columns.iter().any(|column| query.is_undetermined_window(&column.expr)) {
        return Err(Error::window_of_groups(query.table.name));
    }
    if let Some(value) = query.undetermined() {
        let value = Selected::new(value.clone()).name().into_owned();
        return Err(Error::NotGrouped { table: query.table.name.to_owned(), value });
    }
    Ok(())
}

pub(super) fn fetching(query: &Query) -> Context<'static> {
    Context::new(Operation::Fetch, query.table.name).within(query.timeout)
}

/// The rows of a query. Without a pace, the record of the statement decides where it runs.
pub(crate) fn rows<M: 'static, S: Shape<M>>(
    session: &Session,
    query: Query,
    shape: S,
    pace: Option<Pace>,
) -> impl Future<Output = Result<Vec<S::Output>>> + Send {
    fetch::<M, _>(session, query, shape, pace, SqlWriter::select)
}

/// The last of the rows of a query.
pub(super) async fn last<M: 'static, S: Shape<M>>(
    session: &Session,
    query: Query,
    shape: S,
) -> Result<Option<S::Output>> {
    let found = if query.is_unlimited() {
        rows::<M, _>(session, query.reversed().single(), shape, None).await
    } else {
        fetch::<M, _>(session, query.ordered(), shape, None, SqlWriter::select_last).await
    };
    Ok(found?.pop())
}

/// Aggregates of what a query gives, by the names `c0`, `c1` and so on.
pub(super) async fn over<M: 'static, S: Shape<M>>(
    session: &Session,
    query: Query,
    given: Vec<Selected>,
    mut shape: S,
) -> Result<Option<S::Output>> {
    let columns = load::prepared::<M, S>(&mut shape)?;
    let write = move |sql: &mut SqlWriter, columns: &[Selected], query: &Query| sql.over(columns, &given, query);
    let fetch = Fetch::new(query, columns, S::DEFERRED, None, write)?;
    Ok(Loaded::<M, S>::rows(run(session, fetch, Loaded::<M, S>::of(shape)).await?)?.pop())
}

async fn fetch<M: 'static, S: Shape<M>>(
    session: &Session,
    query: Query,
    mut shape: S,
    pace: Option<Pace>,
    write: fn(&mut SqlWriter, &[Selected], &Query),
) -> Result<Vec<S::Output>> {
    let columns = load::prepared::<M, S>(&mut shape)?;
    let fetch = Fetch::new(query, columns, S::DEFERRED, pace, write)?;
    Loaded::<M, S>::rows(run(session, fetch, Loaded::<M, S>::of(shape)).await?)
}

/// The row of a model with this key.
pub(crate) async fn by_key<M: Model>(
    session: &Session,
    key: KeyValues,
    cache: CacheUse,
    timeout: Option<Duration>,
) -> Result<Option<M>> {
    let select = RowStatement::Select.texts(M::TABLE, M::cached_sql())?;
    let arguments = key.iter().cloned().map(Argument::Value).collect();
    let plain = Statement::new(select.text.as_str(), arguments);
    let fetch = Fetch {
        statement: Box::new(ByKey::<M> { plain, model: PhantomData }),
        context: Context::new(Operation::Fetch, M::TABLE.name).within(timeout),
        cache,
        pace: Pace::Short,
        width: M::TABLE.columns.len(),
        deferred: false,
    };
    let mut rows = Loaded::<M, Entity<M>>::rows(run(session, fetch, Loaded::<M, Entity<M>>::of(Entity::new())).await?)?;
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

    fn frees(&self) -> Frees {
        Frees::Nothing
    }

    fn fitted(&self, fits: &Arc<Fits>) -> Result<Statement> {
        let text = match Seen::Table(M::TABLE).known(fits) {
            Some(fit) => &RowStatement::Select.texts_for(M::TABLE, M::cached_sql(), fit)?.text,
            None => &self.plain.text,
        };
        Ok(Statement::new(text.as_str(), self.plain.arguments.clone()))
    }
}

/// A query as the engine needs it.
struct Fetch {
    statement: Box<dyn OverTables + Send>,
    context: Context<'static>,
    cache: CacheUse,
    pace: Pace,
    /// How many columns the statement selects.
    width: usize,
    /// Whether further statements are needed.
    deferred: bool,
}

impl Fetch {
    fn new(
        query: Query,
        columns: Vec<Selected>,
        deferred: bool,
        pace: Option<Pace>,
        write: impl Fn(&mut SqlWriter, &[Selected], &Query) + Send + Sync + 'static,
    ) -> Result<Self> {
        let (context, cache, width) = (fetching(&query), query.cache, columns.len());
        let statement = selecting(query, columns, write)?;
        let pace = pace.unwrap_or_else(|| Pace::Measured(statement.plain().fingerprint()));
        Ok(Self { statement: Box::new(statement), context, cache, pace, width, deferred })
    }
}

async fn run(session: &Session, fetch: Fetch, mut loading: Box<dyn Loading>) -> Result<Box<dyn Loading>> {
    let Fetch { statement, context, cache: CacheUse { bypass, ttl }, pace, width, deferred } = fetch;
    let uses_cache = !deferred && !bypass && !session.in_transaction();
    let cache = session.cache().filter(|_| uses_cache);
    let version = match cache {
        Some(cache) => cache.version(session.engine()).await?,
        None => None,
    };
    let (Some(cache), Some(version)) = (cache, version) else {
        let read = move |loading: &mut Box<dyn Loading>, connection: &mut Connection| {
            read(connection, &*statement, context, &mut **loading, deferred)
        };
        return Ok(session.run_on(loading, Access::Read, context, pace, read).await?.0);
    };
    let key = cache::key(statement.plain(), statement.tables());
    let (found, dropped) = cache.lookup(&key, version);
    session.engine().counts().has_looked_up(found.is_some());
    drop_rows(session, dropped);
    if let Some(kept) = found {
        let are_many = kept.are_many();
        let decode =
            move || kept.rows.iter().try_for_each(|values| loading.row(&RowRef::kept(values))).map(|()| loading);
        if !are_many {
            return decode();
        }
        let place = Arc::new(Mutex::new(None));
        let filled = Arc::clone(&place);
        session.engine().aside(Box::new(move || *locked(&filled) = Some(decode()))).await?;
        let decoded = locked(&place).take();
        return decoded.unwrap_or_else(|| Err(lost_rows()));
    }
    let keeping = cache.keeping();
    let reading = move |loading: &mut Box<dyn Loading>, connection: &mut Connection| {
        let mut kept = Some(keeping.again());
        loading.begin();
        connection.each_over(&*statement, context, &mut |row| {
            kept = kept.take().and_then(|kept| kept.and(row, width));
            loading.row(row)
        })?;
        Ok(kept.map(Keeping::done))
    };
    let (loading, kept) = session.run_on(loading, Access::Read, context, pace, reading).await?;
    if let Some(rows) = kept {
        drop_rows(session, cache.store(key, version, ttl, rows));
    }
    Ok(loading)
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
fn read(
    connection: &mut Connection,
    statement: &dyn OverTables,
    context: Context<'static>,
    loading: &mut dyn Loading,
    deferred: bool,
) -> Result<()> {
    loading.begin();
    if !deferred {
        return connection.each_over(statement, context, &mut |row| loading.row(row));
    }
    connection.snapshot(context, |connection| {
        connection.each_over(statement, context, &mut |row| loading.row(row))?;
        loading.finish(connection)
    })
}

/// The rows of a query and a number, both of the same moment.
pub(super) async fn rows_and_number<M: 'static, S: Shape<M>>(
    session: &Session,
    query: Query,
    mut shape: S,
    counted: Query,
    write: fn(&mut SqlWriter, &Query),
) -> Result<(Vec<S::Output>, u64)> {
    let columns = load::prepared::<M, S>(&mut shape)?;
    let fetch = Fetch::new(query, columns, S::DEFERRED, None, SqlWriter::select)?;
    let (loading, number) = run_and_count(session, fetch, Loaded::<M, S>::of(shape), counted, write).await?;
    Ok((Loaded::<M, S>::rows(loading)?, number))
}

async fn run_and_count(
    session: &Session,
    fetch: Fetch,
    loading: Box<dyn Loading>,
    counted: Query,
    write: fn(&mut SqlWriter, &Query),
) -> Result<(Box<dyn Loading>, u64)> {
    let Fetch { statement, context, deferred, .. } = fetch;
    let number = counting(counted, write)?;
    let pace = Pace::Measured(statement.plain().fingerprint() ^ number.fingerprint());
    let both = move |loading: &mut Box<dyn Loading>, connection: &mut Connection| {
        number.leave_what_is_large(connection)?;
        connection.snapshot(context, |connection| {
            read(connection, &*statement, context, &mut **loading, deferred)?;
            number.read(connection)
        })
    };
    session.run_on(loading, Access::Read, context, pace, both).await
}

pub(super) async fn number(session: &Session, query: Query, write: fn(&mut SqlWriter, &Query)) -> Result<u64> {
    let number = counting(query, write)?;
    let (context, pace) = (number.context, Pace::Measured(number.fingerprint()));
    let read = move |connection: &mut Connection| {
        number.leave_what_is_large(connection)?;
        number.read(connection)
    };
    session.run(Access::Read, context, pace, read).await
}

/// A statement that gives a number.
struct Number<S> {
    statement: S,
    context: Context<'static>,
    /// Whether it is about all rows of a table, which SQLite counts in one step.
    is_whole: bool,
}

fn counting(
    query: Query,
    write: fn(&mut SqlWriter, &Query),
) -> Result<Number<impl OverTables + Send + Sync + 'static>> {
    let (context, is_whole) = (fetching(&query), query.is_whole());
    let statement = Written::new(query.table, move |sql: &mut SqlWriter| write(sql, &query))?;
    Ok(Number { statement, context, is_whole })
}

impl<S: OverTables> Number<S> {
    fn fingerprint(&self) -> u64 {
        self.statement.plain().fingerprint()
    }

    /// Leaves a large table to a thread, before anything is read.
    fn leave_what_is_large(&self, connection: &Connection) -> Result<()> {
        if self.is_whole { connection.walk(self.context) } else { Ok(()) }
    }

    fn read(&self, connection: &mut Connection) -> Result<u64> {
        let numbers = connection.query_over(&self.statement, self.context, |row| Ok(row.integer(0)))?;
        Ok(numbers.first().copied().flatten().unwrap_or_default().unsigned_abs())
    }
}
