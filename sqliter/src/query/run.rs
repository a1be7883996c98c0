//! Running queries: the statement is built here, the work is done in one job.

use super::load::record;
use super::{Load, Query, SqlWriter};
use crate::cache;
use crate::engine::{Access, Pace, Row, Statement};
use crate::error::{Context, Error, Operation, Result};
use crate::expr::ast::{Expr, Set};
use crate::foreign_keys;
use crate::model::ColumnInfo;
use crate::session::Session;
use crate::value::Record;

/// The statement that fetches the columns.
pub(super) fn statement(query: &Query, columns: &[&'static ColumnInfo]) -> Result<Statement> {
    let mut sql = SqlWriter::new(query.table);
    if columns.is_empty() {
        return Err(Error::EmptySelection { table: query.table.name.to_owned() });
    }
    sql.select(columns.iter().copied(), query);
    sql.finish()
}

const fn fetching(query: &Query) -> Context<'static> {
    Context::new(Operation::Fetch, query.table.name)
}

/// The rows of a query. Without a pace, the record of the statement decides where it runs.
pub(crate) async fn rows<L: Load>(
    session: &Session,
    query: Query,
    load: L,
    pace: Option<Pace>,
) -> Result<Vec<L::Output>> {
    let (table, context) = (query.table, fetching(&query));
    let columns = load.columns(table);
    let statement = statement(&query, &columns)?;
    read(session, &query, statement, context, pace, columns.len(), move |row| load.decode(table, &columns, row)).await
}

pub(super) async fn records<L: Load>(session: &Session, query: Query, load: &L) -> Result<Vec<Record>> {
    let (table, context) = (query.table, fetching(&query));
    let mut columns: Vec<&'static ColumnInfo> = Vec::new();
    for column in load.columns(table) {
        // A dictionary has a name once.
        if columns.iter().all(|known| known.name != column.name) {
            columns.push(column);
        }
    }
    let statement = statement(&query, &columns)?;
    read(session, &query, statement, context, None, columns.len(), move |row| record(table, &columns, row)).await
}

/// Runs the statement, or decodes the rows that are cached.
async fn read<T: Send + 'static>(
    session: &Session,
    query: &Query,
    statement: Statement,
    context: Context<'static>,
    pace: Option<Pace>,
    width: usize,
    decode: impl Fn(&Row<'_>) -> Result<T> + Send + 'static,
) -> Result<Vec<T>> {
    let pace = pace.unwrap_or_else(|| Pace::Measured(statement.fingerprint()));
    let cache = session.cache().filter(|_| !query.cache.bypass && !session.in_transaction());
    let version = match cache {
        Some(cache) => cache.version(session.engine()).await?,
        None => None,
    };
    let (Some(cache), Some(version)) = (cache, version) else {
        return session
            .run(Access::Read, context, pace, move |connection| connection.query(&statement, context, decode))
            .await;
    };
    let key = cache::key(&statement);
    if let Some(rows) = cache.lookup(&key, version) {
        return rows.iter().map(|values| decode(&Row::kept(values))).collect();
    }
    let (decoded, kept) = session
        .run(Access::Read, context, pace, move |connection| {
            let mut kept = Some(Vec::new());
            let decoded = connection.query(&statement, context, |row| {
                kept = kept.take().zip(row.values(width)).map(|(mut rows, values)| {
                    rows.push(values);
                    rows
                });
                decode(row)
            })?;
            Ok((decoded, kept))
        })
        .await?;
    if let Some(rows) = kept {
        cache.store(key, version, query.cache.ttl, rows.into());
    }
    Ok(decoded)
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
            let value = match now(session.now()) {
                Ok(value) => Expr::Value(value),
                Err(error) => Expr::Unencodable { column, error },
            };
            sets.push(Set { column, value });
        }
    }
    let mut sql = SqlWriter::new(query.table);
    sql.update(&query, &sets);
    let statement = sql.finish()?;
    session
        .run(Access::Write, context, Pace::Measured(statement.fingerprint()), move |connection| {
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
    let context = Context::new(Operation::Delete, query.table.name);
    let mut sql = SqlWriter::new(query.table);
    sql.delete(&query);
    let statement = sql.finish()?;
    session
        .run(Access::Write, context, Pace::Measured(statement.fingerprint()), move |connection| {
            let failed = match connection.try_execute(&statement) {
                Ok(changed) => return Ok(changed),
                Err(report) => connection.error(context, report),
            };
            let mut keys = SqlWriter::new(query.table);
            keys.select([query.table.key_column()], &query.ordered());
            Err(foreign_keys::explain_referrers(connection, failed, context.subject, &keys.finish()?))
        })
        .await
}
