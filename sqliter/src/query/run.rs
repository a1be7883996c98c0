//! Running queries: the statement is built here, the work is done in one job.

use super::{Load, Query, SqlWriter};
use crate::cache::{self, CacheUse};
use crate::engine::{Access, Argument, Connection, Pace, Row, Statement};
use crate::error::{Context, Error, Operation, Result};
use crate::expr::ast::{Expr, Selected, Set};
use crate::foreign_keys;
use crate::model::Model;
use crate::relation::Entity;
use crate::session::Session;
use crate::value::Value;

/// The statement that fetches the columns.
pub(super) fn statement(query: &Query, columns: &[Selected]) -> Result<Statement> {
    written(query, columns, SqlWriter::select)
}

fn written(query: &Query, columns: &[Selected], write: fn(&mut SqlWriter, &[Selected], &Query)) -> Result<Statement> {
    let mut sql = SqlWriter::new(query.table);
    if columns.is_empty() {
        return Err(Error::EmptySelection { table: query.table.name.to_owned() });
    }
    if let Some(value) = query.undetermined() {
        let value = Selected::new(value.clone()).name().into_owned();
        return Err(Error::NotGrouped { table: query.table.name.to_owned(), value });
    }
    write(&mut sql, columns, query);
    sql.finish()
}

pub(super) const fn fetching(query: &Query) -> Context<'static> {
    Context::new(Operation::Fetch, query.table.name)
}

/// The rows of a query. Without a pace, the record of the statement decides where it runs.
pub(crate) async fn rows<L: Load>(
    session: &Session,
    query: Query,
    load: L,
    pace: Option<Pace>,
) -> Result<Vec<L::Output>> {
    fetch(session, query, load, pace, SqlWriter::select).await
}

/// The last of the rows of a query.
pub(super) async fn last<L: Load>(session: &Session, query: Query, load: L) -> Result<Option<L::Output>> {
    let found = if query.is_unlimited() {
        rows(session, query.reversed().single(), load, None).await
    } else {
        fetch(session, query.ordered(), load, None, SqlWriter::select_last).await
    };
    Ok(found?.pop())
}

async fn fetch<L: Load>(
    session: &Session,
    query: Query,
    load: L,
    pace: Option<Pace>,
    write: fn(&mut SqlWriter, &[Selected], &Query),
) -> Result<Vec<L::Output>> {
    let mut columns = Vec::new();
    load.columns(&mut columns);
    let statement = written(&query, &columns, write)?;
    let plan = load.plan(&columns)?;
    let pace = pace.unwrap_or_else(|| Pace::Measured(statement.fingerprint()));
    let fetch = Fetch { statement, context: fetching(&query), cache: query.cache, pace, width: columns.len() };
    run(session, fetch, load, plan).await
}

/// The row of a model with this key.
pub(crate) async fn by_key<M: Model>(session: &Session, key: Value, cache: CacheUse) -> Result<Option<M>> {
    let text = M::texts().by_key(|| {
        let mut query = Query::new(M::TABLE);
        query.filters.push(Expr::is(M::TABLE.key_column(), Expr::Value(Value::Null)));
        let columns: Vec<_> = Selected::row(None, M::TABLE).collect();
        Ok(statement(&query, &columns)?.text)
    })?;
    let fetch = Fetch {
        statement: Statement { text: text.to_owned(), arguments: vec![Argument::Value(key)] },
        context: Context::new(Operation::Fetch, M::TABLE.name),
        cache,
        pace: Pace::Short,
        width: M::TABLE.columns.len(),
    };
    Ok(run(session, fetch, Entity::<M>::new(), ()).await?.pop())
}

/// A query as the engine needs it.
struct Fetch {
    statement: Statement,
    context: Context<'static>,
    cache: CacheUse,
    pace: Pace,
    /// How many columns the statement selects.
    width: usize,
}

async fn run<L: Load>(session: &Session, fetch: Fetch, load: L, plan: L::Plan) -> Result<Vec<L::Output>> {
    let Fetch { statement, context, cache: CacheUse { bypass, ttl }, pace, width } = fetch;
    let uses_cache = !L::DEFERRED && !bypass && !session.in_transaction();
    let cache = session.cache().filter(|_| uses_cache);
    let version = match cache {
        Some(cache) => cache.version(session.engine()).await?,
        None => None,
    };
    let (Some(cache), Some(version)) = (cache, version) else {
        return session
            .run(Access::Read, context, pace, move |connection| read(connection, &statement, context, &plan, &load))
            .await;
    };
    let key = cache::key(&statement);
    if let Some(rows) = cache.lookup(&key, version) {
        let cells = rows.iter().map(|values| load.decode(&plan, &Row::kept(values))).collect::<Result<_>>()?;
        if let Some(ready) = load.ready(cells) {
            return Ok(ready);
        }
    }
    let (decoded, kept) = session
        .run(Access::Read, context, pace, move |connection| {
            let mut kept = Some(Vec::new());
            let cells = connection.query(&statement, context, |row| {
                kept = kept.take().zip(row.values(width)).map(|(mut rows, values)| {
                    rows.push(values);
                    rows
                });
                load.decode(&plan, row)
            })?;
            Ok((load.finish(connection, cells)?, kept))
        })
        .await?;
    if let Some(rows) = kept {
        cache.store(key, version, ttl, rows.into());
    }
    Ok(decoded)
}

/// Runs the statement and those that the load needs besides, all on one state of the database.
fn read<L: Load>(
    connection: &mut Connection,
    statement: &Statement,
    context: Context<'static>,
    plan: &L::Plan,
    load: &L,
) -> Result<Vec<L::Output>> {
    let work = |connection: &mut Connection| {
        let cells = connection.query(statement, context, |row| load.decode(plan, row))?;
        load.finish(connection, cells)
    };
    if L::DEFERRED { connection.snapshot(context, work) } else { work(connection) }
}

pub(super) async fn number(session: &Session, query: &Query, write: fn(&mut SqlWriter, &Query)) -> Result<u64> {
    let context = fetching(query);
    let mut sql = SqlWriter::new(query.table);
    write(&mut sql, query);
    let statement = sql.finish()?;
    let number = session
        .run(Access::Read, context, Pace::Measured(statement.fingerprint()), move |connection| {
            connection.integer(&statement, context)
        })
        .await?;
    Ok(number.unsigned_abs())
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
    let mut sql = SqlWriter::new(query.table);
    sql.update(&query, &sets);
    let statement = sql.finish()?;
    session
        .write(context, Pace::Measured(statement.fingerprint()), move |connection| {
            let failed = match connection.try_execute(&statement) {
                Ok(changed) => return Ok(changed),
                Err(report) => connection.error(context, report),
            };
            let assigned = sets.iter().filter_map(|set| match &set.value {
                Expr::Value(value) => Some((set.column, value.clone())),
                _ => None,
            });
            Err(foreign_keys::explain_reference(connection, failed, assigned))
        })
        .await
}

pub(super) async fn delete(session: &Session, query: Query) -> Result<u64> {
    let statement = delete_statement(&query)?;
    let (context, pace) = (deleting(&query), Pace::Measured(statement.fingerprint()));
    session.write(context, pace, move |connection| delete_rows(connection, &query, &statement)).await
}

const fn deleting(query: &Query) -> Context<'static> {
    Context::new(Operation::Delete, query.table.name)
}

/// The statement that deletes the rows of a query.
pub(crate) fn delete_statement(query: &Query) -> Result<Statement> {
    let mut sql = SqlWriter::new(query.table);
    sql.delete(query);
    sql.finish()
}

/// Deletes the rows of a query by its statement; gives their number.
pub(crate) fn delete_rows(connection: &mut Connection, query: &Query, statement: &Statement) -> Result<u64> {
    let failed = match connection.try_execute(statement) {
        Ok(deleted) => return Ok(deleted),
        Err(report) => connection.error(deleting(query), report),
    };
    let mut keys = SqlWriter::new(query.table);
    keys.select_keys(&query.clone().ordered());
    Err(foreign_keys::explain_referrers(connection, failed, query.table.name, &keys.finish()?))
}
