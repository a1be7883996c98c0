//! Rows that sqlx has fetched.

use sqlx::error::BoxDynError;
use sqlx::sqlite::SqliteRow;
use sqlx::{Decode, Row as _, Sqlite, TypeInfo, ValueRef as _};

use super::row::not_utf8;
use crate::value::ValueRef;

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
