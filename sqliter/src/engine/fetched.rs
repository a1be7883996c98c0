//! Rows that sqlx has fetched.

use sqlx::error::BoxDynError;
use sqlx::sqlite::SqliteRow;
use sqlx::{ColumnIndex, Decode, Error as SqlxError, Row as _, Sqlite, TypeInfo, ValueRef as _};

use super::Row;
use super::row::not_utf8;
use crate::error::Error;
use crate::model::Model;
use crate::value::ValueRef;

/// A model from a row of sqlx, by the names of its columns.
///
/// # Errors
///
/// [`ColumnNotFound`](SqlxError::ColumnNotFound), or [`ColumnDecode`](SqlxError::ColumnDecode) when a stored value does
/// not fit its field.
pub fn from_sqlx_row<M: Model>(row: &SqliteRow) -> Result<M, SqlxError> {
    let positions = M::TABLE.columns.iter().map(|column| ColumnIndex::index(&column.name, row));
    let positions = positions.collect::<Result<Vec<_>, _>>()?;
    M::decode(&Row::fetched(row).at(&positions)).map_err(|error| match &error {
        Error::Decode { column, .. } => {
            SqlxError::ColumnDecode { index: format!("{column:?}"), source: Box::new(error) }
        }
        _ => SqlxError::Decode(Box::new(error)),
    })
}

/// The value at a position, or what was found instead of one.
pub(super) fn value(row: &SqliteRow, index: usize) -> Result<ValueRef<'_>, String> {
    let value = row.try_get_raw(index).map_err(|error| error.to_string())?;
    if value.is_null() {
        return Ok(ValueRef::Null);
    }
    let class = value.type_info().into_owned();
    let failed = |error: BoxDynError| error.to_string();
    match class.name() {
        "INTEGER" => <i64 as Decode<Sqlite>>::decode(value).map(ValueRef::Integer).map_err(failed),
        "REAL" => <f64 as Decode<Sqlite>>::decode(value).map(ValueRef::Real).map_err(failed),
        "TEXT" => <&str as Decode<Sqlite>>::decode(value).map(ValueRef::Text).map_err(|error| not_utf8(&error)),
        "BLOB" => <&[u8] as Decode<Sqlite>>::decode(value).map(ValueRef::Blob).map_err(failed),
        other => Err(format!("{other}, which is none of SQLite's storage classes")),
    }
}
