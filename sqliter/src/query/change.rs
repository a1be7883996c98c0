//! Updating and deleting the rows of a query.

use crate::engine::{Connection, Pace};
use crate::error::{Context, Operation, Result};
use crate::foreign_keys;
use crate::session::Session;
use crate::sql::ast::{Expr, Set};
use crate::sql::{Delete, OverTables, Query, SqlWriter, Update, Written};
use crate::table::TableInfo;

pub(super) async fn update(session: &Session, query: Query, sets: Vec<Set>) -> Result<u64> {
    if sets.is_empty() {
        return Ok(0);
    }
    let table = query.table;
    let context = Context::new(Operation::Update, table.name).within(query.timeout);
    let update = Written::new(table, Update::touching(query, sets, session.now(), Vec::new()))?;
    session
        .write(context, Pace::Measured(update.plain().fingerprint()), move |connection| {
            change(connection, table, &update, context).map_err(|error| {
                let assigned = update.statement().sets.iter().filter_map(|set| {
                    let Expr::Value(value) = &set.value else { return None };
                    Some((set.column, value))
                });
                foreign_keys::explain_reference(connection, table.with_checked_column(error), assigned)
            })
        })
        .await
}

/// Deletes the rows of a query; gives their number.
pub(super) async fn delete(session: &Session, query: Query) -> Result<u64> {
    let table = query.table;
    let context = Context::new(Operation::Delete, table.name).within(query.timeout);
    // SQLite empties a table in one step, in which it looks at no limit.
    let is_whole = query.is_whole();
    let delete = Written::new(table, Delete { rows: query, returning: Vec::new() })?;
    let pace = if is_whole { Pace::Long } else { Pace::Measured(delete.plain().fingerprint()) };
    session
        .write(context, pace, move |connection| {
            change(connection, table, &delete, context).map_err(|error| {
                // Whatever refers to a key of several columns, no model does.
                if table.has_composite_key() {
                    return error;
                }
                let rows = delete.statement().rows.clone().ordered();
                let mut keys = SqlWriter::new(table);
                keys.select_keys(&rows);
                match keys.finish() {
                    Ok(keys) => foreign_keys::explain_referrers(connection, error, table.name, &keys),
                    Err(_) => error,
                }
            })
        })
        .await
}

/// Runs a statement that changes rows of a table; gives their number.
fn change(
    connection: &mut Connection,
    table: &'static TableInfo,
    statement: &dyn OverTables,
    context: Context<'static>,
) -> Result<u64> {
    // A long value is freed in one step.
    if table.columns_of_any_length().next().is_some() {
        connection.walk(context)?;
    }
    if let Some(wrote) = connection.write_alone(statement) {
        return Ok(wrote.rows);
    }
    connection.writing(context, |connection| {
        connection.fit(table, context)?.check_writable(context)?;
        let statement = connection.fitting(statement, context)?;
        connection.try_execute(&statement).map_err(|report| connection.error(context, report))
    })
}
