//! The values of new rows: by which rows that are there are found, and what is told of them.

use crate::error::{Error, Operation, Result, SqliteError, code};
use crate::sql::ast::{Expr, Selected, Set};
use crate::sql::{OverTables, Query, RowValues, SqlWriter, UpsertSet, Written};
use crate::table::{ColumnInfo, Indexed, TableInfo};
use crate::value::Value;

/// With `updated_at`, unless it is among the changes: the new row has the time of the upsert. A version is raised.
pub(super) fn with_timestamps(table: &'static TableInfo, mut changes: Vec<UpsertSet>) -> Vec<UpsertSet> {
    for column in table.columns {
        if column.now.is_some() && changes.iter().all(|change| change.column().name != column.name) {
            changes.push(UpsertSet::New(column));
        }
    }
    changes.extend(Set::next_version(table).map(UpsertSet::Set));
    changes
}

/// What a change writes, if it does not depend on the row that is there.
pub(super) fn known_value<'v>(change: &'v UpsertSet, row: &'v RowValues) -> Option<(&'static ColumnInfo, &'v Value)> {
    match change {
        UpsertSet::New(column) => Some((column, value_of(row, column))),
        UpsertSet::Set(Set { column, value: Expr::Value(value) }) => Some((column, value)),
        UpsertSet::Set(_) | UpsertSet::Changed { .. } => None,
    }
}

/// The value that a new row has in a column. A key that SQLite chooses has none.
pub(super) fn value_of<'r>(row: &'r RowValues, column: &ColumnInfo) -> &'r Value {
    row.iter().find(|(known, _)| known.name == column.name).map_or(&Value::Null, |(_, value)| value)
}

/// Selects the rows that have the values of a new row in these columns.
pub(super) fn find(
    table: &'static TableInfo,
    unique: &[&'static ColumnInfo],
    row: &RowValues,
    columns: &[Selected],
) -> Result<impl OverTables + use<>> {
    let (rows, columns) = (with_values(table, unique, row), columns.to_vec());
    Written::new(table, move |sql: &mut SqlWriter| sql.select(&columns, &rows))
}

/// Several rows have the values of a new row in these columns.
pub(super) fn several(table: &TableInfo, unique: &[&'static ColumnInfo]) -> Error {
    let columns = unique.iter().map(|column| column.name.to_owned()).collect();
    Error::SeveralRows { table: table.name.to_owned(), columns }
}

/// The rows that have the values of a new row in these columns.
pub(super) fn with_values(table: &'static TableInfo, unique: &[&'static ColumnInfo], row: &RowValues) -> Query {
    unique
        .iter()
        .fold(Query::new(table), |rows, column| rows.filtered(Expr::has_value(column, value_of(row, column).clone())))
}

/// The row that has the values is deleted softly.
pub(super) fn taken_by_deleted(table: &TableInfo, columns: &[&'static ColumnInfo]) -> Error {
    let names = columns.iter().map(|column| format!("{}.{}", table.name, column.name)).collect::<Vec<_>>().join(", ");
    Error::UniqueViolation {
        operation: Operation::Insert,
        table: table.name.to_owned(),
        columns: columns.iter().map(|column| column.name.to_owned()).collect(),
        index: None,
        deleted: true,
        row: None,
        source: SqliteError { code: code::UNIQUE, message: format!("a deleted row has the same values in {names}") },
    }
}

/// The values of the key and of the unique columns of a row that is written, as literals.
pub(super) fn telling_apart(table: &'static TableInfo, row: &RowValues) -> Vec<(String, String)> {
    let in_index = |name: &str| {
        let mut parts = table.indexes.iter().filter(|index| index.unique).flat_map(|index| index.parts);
        parts.any(|part| match part.value {
            Indexed::Column(column) => column == name,
            Indexed::Expression(_) => false,
        })
    };
    let is_key = |name: &str| table.key_columns().any(|key| key.name == name);
    let told = row.iter().filter(|(column, _)| column.unique || is_key(column.name) || in_index(column.name));
    // To SQLite every `NULL` is another one.
    told.filter(|(_, value)| *value != Value::Null)
        .map(|(column, value)| (column.name.to_owned(), value.to_string()))
        .collect()
}
