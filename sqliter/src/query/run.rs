//! Running queries: the statement is built here, the work is done in one job.

use super::load::record;
use super::{Load, Query, SqlWriter};
use crate::engine::{Access, Pace, Statement};
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

pub(super) async fn rows<L: Load>(session: &Session, query: Query, load: L) -> Result<Vec<L::Output>> {
    let (table, context) = (query.table, fetching(&query));
    let columns = load.columns(table);
    let statement = statement(&query, &columns)?;
    session
        .run(Access::Read, context, Pace::Measured(statement.fingerprint()), move |connection| {
            connection.query(&statement, context, |row| load.decode(table, &columns, row))
        })
        .await
}

pub(super) async fn records<L: Load>(session: &Session, query: Query, load: &L) -> Result<Vec<Record>> {
    let (table, context) = (query.table, fetching(&query));
    let columns = load.columns(table);
    let statement = statement(&query, &columns)?;
    session
        .run(Access::Read, context, Pace::Measured(statement.fingerprint()), move |connection| {
            connection.query(&statement, context, |row| record(table, &columns, row))
        })
        .await
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
