//! Creating, reading, updating and deleting rows that are named or in hand.

mod changes;
mod conflict;
mod delete;
mod get;
mod given;
mod insert;
mod update;
mod upsert;

pub use changes::Changes;
pub use conflict::UniqueColumns;
pub use get::Get;
pub use given::{Given, Givens, Insertable};
pub use upsert::Upsert;

use crate::error::{Error, Operation, Result};
use crate::model::Model;
use crate::sql::ast::Expr;
use crate::table::{ColumnInfo, TableInfo};
use crate::value::{ColumnType, Encoded, Key, Value};

/// The values of a row, beside their columns.
type Written = Vec<(&'static ColumnInfo, Value)>;

/// The values that a row writes, beside their columns.
fn written(
    columns: impl Iterator<Item = &'static ColumnInfo>,
    write: impl FnOnce(&mut dyn FnMut(Encoded<'_>) -> Result<()>) -> Result<()>,
) -> Result<Written> {
    let mut values = Vec::new();
    write(&mut |value| {
        values.push(value.into_value());
        Ok(())
    })?;
    Ok(columns.zip(values).collect())
}

/// The condition that the key column has this value.
fn key_is<M: Model>(table: &'static TableInfo, key: &Key<M>) -> Expr {
    let column = table.key_column();
    Expr::is(column, Expr::value(key.encode().map(Encoded::into_value), column.name))
}

/// The schema has ignored a row that was to be written.
fn ignored(operation: Operation, table: &TableInfo) -> Error {
    Error::Ignored { operation, table: table.name.to_owned() }
}
