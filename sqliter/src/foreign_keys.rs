//! Which reference broke: SQLite's report of a violated foreign key names neither table nor column. And of a value that is taken:
//! which columns an index over expressions is about, and whether the row that has it is one that reading leaves out.

use crate::engine::Connection;
use crate::error::{Context, Error, Operation, Result};
use crate::schema::indexed_columns;
use crate::sql::{self, Argument, Deleted, Query, SqlWriter, Statement, ast::Expr};
use crate::table::{ColumnInfo, TableInfo};
use crate::value::Value;

const LOOKING: Context<'static> = Context::new(Operation::Execute, "foreign key check");

/// The error of a write, with the columns of its row that refer to no row, or whose check is violated, and whether a row that is
/// deleted softly has its values.
pub(crate) fn explain_written<'v>(
    connection: &mut Connection,
    table: &'static TableInfo,
    error: Error,
    written: impl IntoIterator<Item = (&'static ColumnInfo, &'v Value)>,
) -> Error {
    let mut error = table.with_checked_column(error);
    if let Error::UniqueViolation { columns, index, deleted, .. } = &mut error {
        if table.soft_delete.is_some() {
            let written: Vec<_> = written.into_iter().collect();
            *deleted = is_taken_by_deleted(connection, table, columns, &written).unwrap_or(false);
        }
        if let (Some(index), true) = (index, columns.is_empty()) {
            // The error is told without them where looking fails too.
            *columns = columns_of_index(connection, table, index).unwrap_or_default();
        }
        return error;
    }
    explain_reference(connection, error, written)
}

/// The columns that the expressions of an index name: SQLite reports its name alone.
fn columns_of_index(connection: &mut Connection, table: &TableInfo, index: &str) -> Result<Vec<String>> {
    let text = |text: &str| Argument::Value(Value::Text(text.to_owned()));
    let created = Statement::new(
        "SELECT sql FROM sqlite_schema WHERE type = 'index' AND name = ? AND tbl_name = ? COLLATE NOCASE",
        vec![text(index), text(table.name)],
    );
    let columns: Vec<&str> = table.columns.iter().map(|column| column.name).collect();
    let created = connection.texts(&created, LOOKING)?;
    Ok(created.iter().flatten().flat_map(|sql| indexed_columns(sql, &columns)).map(str::to_owned).collect())
}

/// Whether the only row that has the written values in these columns is deleted softly.
fn is_taken_by_deleted(
    connection: &mut Connection,
    table: &'static TableInfo,
    columns: &[String],
    written: &[(&'static ColumnInfo, &Value)],
) -> Result<bool> {
    let mut rows = Query::new(table);
    for name in columns {
        let Some((column, value)) = written.iter().find(|(column, _)| column.name == name) else { return Ok(false) };
        rows = rows.filtered(Expr::has_value(column, (*value).clone()));
    }
    if columns.is_empty() {
        return Ok(false);
    }
    let mut has = |deleted| {
        let mut sql = SqlWriter::new(table);
        sql.exists(&rows.clone().with(deleted));
        Ok(connection.integer(&sql.finish()?, LOOKING)? == 1)
    };
    Ok(has(Deleted::Only)? && !has(Deleted::LeftOut)?)
}

/// Adds the foreign-key columns among the written values that refer to no row.
///
/// The error stays as it is when it is another one, or when looking fails too.
pub(crate) fn explain_reference<'v>(
    connection: &mut Connection,
    mut error: Error,
    written: impl IntoIterator<Item = (&'static ColumnInfo, &'v Value)>,
) -> Error {
    if let Error::ForeignKeyViolation { columns, .. } = &mut error {
        for (column, value) in written {
            if is_dangling(connection, column, value).unwrap_or(false) {
                columns.push(column.name.to_owned());
            }
        }
    }
    error
}

fn is_dangling(connection: &mut Connection, column: &ColumnInfo, value: &Value) -> Result<bool> {
    let (Some(key), false) = (column.references, *value == Value::Null) else {
        return Ok(false);
    };
    is_missing(connection, (key.table)(), value)
}

/// Whether a table has no row with this key.
pub(crate) fn is_missing(connection: &mut Connection, target: &'static TableInfo, value: &Value) -> Result<bool> {
    let mut sql = SqlWriter::new(target);
    // One that is deleted softly is there.
    let rows = Query::new(target).with(Deleted::Included);
    sql.exists(&rows.filtered(Expr::has_value(target.key_column(), value.clone())));
    Ok(connection.integer(&sql.finish()?, LOOKING)? == 0)
}

/// Adds the columns, of any table of the file, that still refer to one of the rows whose keys a statement selects, or to
/// a row that would be deleted with one of them.
///
/// The error stays as it is when it is another one, or when looking fails too.
pub(crate) fn explain_referrers(connection: &mut Connection, mut error: Error, table: &str, keys: &Statement) -> Error {
    if let Error::ForeignKeyViolation { columns, .. } = &mut error {
        let mut seen = vec![table.to_owned()];
        // What was found before looking failed is true all the same.
        let _ = find_referrers(connection, table, keys, &[], &mut seen, columns);
    }
    error
}

/// The columns that refer to one of the rows whose keys a statement selects, or to a row that would be deleted with one
/// of them, and that keep it from being deleted; but for those of tables that go as a whole.
pub(crate) fn restricting(
    connection: &mut Connection,
    table: &str,
    keys: &Statement,
    going: &[String],
) -> Result<Vec<String>> {
    let mut columns = Vec::new();
    find_referrers(connection, table, keys, going, &mut vec![table.to_owned()], &mut columns)?;
    Ok(columns)
}

fn find_referrers(
    connection: &mut Connection,
    table: &str,
    keys: &Statement,
    going: &[String],
    seen: &mut Vec<String>,
    found: &mut Vec<String>,
) -> Result<()> {
    let all = Statement::new(
        "SELECT t.name, k.\"from\", k.on_delete, coalesce(k.\"to\", '') FROM pragma_table_list AS t, pragma_foreign_key_list(t.name) AS k \
               WHERE t.schema = 'main' AND k.\"table\" = ? COLLATE NOCASE \
               AND k.on_delete IN ('RESTRICT', 'NO ACTION', 'CASCADE') \
               AND (k.\"to\" IS NULL OR EXISTS (SELECT 1 FROM pragma_table_info(k.\"table\") WHERE name = k.\"to\" COLLATE NOCASE)) \
               ORDER BY t.name, k.id DESC",
        vec![Argument::Value(Value::Text(table.to_owned()))],
    );
    let key = primary_key(connection, table)?;
    for row in connection.texts(&all, LOOKING)? {
        let [child, column, action, referenced] = row.as_slice() else { continue };
        if going.iter().any(|table| table.eq_ignore_ascii_case(child)) {
            continue;
        }
        let referenced = match &key {
            Some(key) if !referenced.is_empty() && !referenced.eq_ignore_ascii_case(key) => {
                &sql::select_column(referenced, table, Some((key, keys)))
            }
            _ => keys,
        };
        if connection.integer(&sql::any_among(child, column, referenced), LOOKING)? == 0 {
            continue;
        }
        if action != "CASCADE" {
            found.push(format!("{child}.{column}"));
        } else if !seen.contains(child) {
            seen.push(child.clone());
            if let Some(key) = primary_key(connection, child)? {
                let keys = sql::select_column(&key, child, Some((column, referenced)));
                find_referrers(connection, child, &keys, going, seen, found)?;
            }
        }
    }
    Ok(())
}

/// The column of a primary key, if it is a single one.
pub(crate) fn primary_key(connection: &mut Connection, table: &str) -> Result<Option<String>> {
    let columns = Statement::new(
        "SELECT name FROM pragma_table_info(?) WHERE pk > 0",
        vec![Argument::Value(Value::Text(table.to_owned()))],
    );
    let mut names = connection.texts(&columns, LOOKING)?.into_iter().flatten();
    Ok(names.next().filter(|_| names.next().is_none()))
}
