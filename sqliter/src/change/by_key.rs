//! Writing the rows with certain keys.

use std::sync::Arc;

use crate::engine::Connection;
use crate::error::{Context, Error, Result};
use crate::query::key_not_unique;
use crate::sql::ast::{Expr, Selected};
use crate::sql::{Deleted, Query, SqlWriter, Written};
use crate::table::{Fit, TableInfo};
use crate::value::{KeyValues, Value};

/// What the table is, if it can be written and each key names no more than one row; in a transaction that writes.
pub(super) fn writable(
    connection: &mut Connection,
    table: &'static TableInfo,
    keys: impl IntoIterator<Item = Result<KeyValues>>,
    context: Context<'_>,
) -> Result<Arc<Fit>> {
    let fit = connection.fit(table, context)?;
    fit.check_writable(context)?;
    if !fit.key_names_rows() {
        for key in keys {
            let key = key?;
            let rows = with_key(table, &key).with(Deleted::Included);
            if number_of(connection, rows, context)? > 1 {
                return Err(key_not_unique(context.operation, table, &key));
            }
        }
    }
    Ok(fit)
}

/// Why a write by a key has changed nothing: there is no such row, it has another version than is expected, or the schema has
/// ignored the write.
pub(super) fn unchanged(
    connection: &mut Connection,
    rows: &Query,
    key: &KeyValues,
    expected: Option<i64>,
    context: Context<'_>,
) -> Error {
    let table = rows.table;
    match version_of(connection, rows, context) {
        Ok(None) => not_found(table, key),
        Ok(Some(found)) => match (expected, found) {
            (Some(expected), Some(found)) if expected != found => stale(table, key, expected, found),
            _ => Error::ignored(context.operation, table.name),
        },
        Err(error) => error,
    }
}

/// There is no row with the key.
pub(super) fn not_found(table: &TableInfo, key: &KeyValues) -> Error {
    Error::RecordNotFound { table: table.name.to_owned(), key: Some(key.to_string()) }
}

/// The row has another version than the caller has read.
pub(super) fn stale(table: &TableInfo, key: &KeyValues, expected: i64, found: i64) -> Error {
    Error::Stale { table: table.name.to_owned(), key: key.to_string(), expected, found }
}

/// The version of the row that a key names, if there is a row, and if it has one.
fn version_of(connection: &mut Connection, rows: &Query, context: Context<'_>) -> Result<Option<Option<i64>>> {
    let Some(version) = rows.table.version_column() else {
        return Ok((number_of(connection, rows.clone(), context)? > 0).then_some(None));
    };
    let columns = [Selected::new(Expr::column(None, version))];
    let select = Written::new(rows.table, |sql: &mut SqlWriter| sql.select(&columns, rows))?;
    Ok(connection.query_over(&select, context, |row| Ok(row.integer(0)))?.pop())
}

/// Those of the rows that have the version, if one is expected and the table has them.
pub(super) fn with_version(rows: Query, expected: Option<i64>) -> Query {
    match (rows.table.version_column(), expected) {
        (Some(version), Some(expected)) => rows.filtered(Expr::has_value(version, Value::Integer(expected))),
        _ => rows,
    }
}

/// How many rows there are, of which two are enough to know that there are several.
fn number_of(connection: &mut Connection, rows: Query, context: Context<'_>) -> Result<usize> {
    let rows = rows.at_most(2);
    let named = Written::new(rows.table, |sql: &mut SqlWriter| sql.one_per_row(&rows))?;
    Ok(connection.query_over(&named, context, |_| Ok(()))?.len())
}

/// The row with a key.
pub(super) fn with_key(table: &'static TableInfo, key: &KeyValues) -> Query {
    let values = table.key_columns().zip(key.iter());
    values.fold(Query::new(table), |rows, (column, value)| rows.filtered(Expr::has_value(column, value.clone())))
}

/// The values of a key with the names of their columns, as literals.
pub(super) fn named(table: &'static TableInfo, key: &KeyValues) -> Vec<(String, String)> {
    table.key_columns().zip(key.iter()).map(|(column, value)| (column.name.to_owned(), value.to_string())).collect()
}
