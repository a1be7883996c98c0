//! The SQL functions that a value passes which an update computes: what the field's type cannot hold is refused, whatever
//! constraints the table has.

use rusqlite::functions::FunctionFlags;
use rusqlite::types::{Value as Raw, ValueRef as RawRef};
use rusqlite::{Connection, Error, Result};

use crate::column::ColumnType;
use crate::error::{CHECK_FAILED, MUST_BE};
use crate::value::{Encoded, ValueRef};

pub(super) fn set_up(sqlite: &Connection, flags: FunctionFlags) -> Result<()> {
    check::<i8>(sqlite, flags)?;
    check::<i16>(sqlite, flags)?;
    check::<i32>(sqlite, flags)?;
    check::<i64>(sqlite, flags)?;
    check::<isize>(sqlite, flags)?;
    check::<u8>(sqlite, flags)?;
    check::<u16>(sqlite, flags)?;
    check::<u32>(sqlite, flags)?;
    check::<u64>(sqlite, flags)?;
    check::<usize>(sqlite, flags)?;
    check::<f32>(sqlite, flags)?;
    #[cfg(feature = "rust_decimal")]
    check::<rust_decimal::Decimal>(sqlite, flags)?;
    Ok(())
}

/// The function of a type: `checked_u8(value, column)` is the value as the type stores it, `NULL` of `NULL`.
fn check<T: ColumnType>(sqlite: &Connection, flags: FunctionFlags) -> Result<()> {
    let Some(name) = T::CHECKED_BY else { return Ok(()) };
    sqlite.create_scalar_function(name, 2, flags, |context| {
        let refused = |found: String| -> Error {
            let column = context.get::<String>(1).unwrap_or_default();
            let expected = T::EXPECTED;
            Error::UserFunctionError(format!("{CHECK_FAILED}{column}{MUST_BE}{expected}, not {found}").into())
        };
        let value = match context.get_raw(0) {
            RawRef::Null => return Ok(Raw::Null),
            RawRef::Integer(integer) => ValueRef::Integer(integer),
            RawRef::Real(real) => ValueRef::Real(real),
            RawRef::Text(text) => match std::str::from_utf8(text) {
                Ok(text) => ValueRef::Text(text),
                Err(_) => return Err(refused("TEXT that is not UTF-8".to_owned())),
            },
            RawRef::Blob(blob) => ValueRef::Blob(blob),
        };
        let decoded = T::decode(value).map_err(|_| refused(value.describe()))?;
        Ok(match decoded.encode().map_err(|_| refused(value.describe()))? {
            Encoded::Null => Raw::Null,
            Encoded::Integer(integer) => Raw::Integer(integer),
            Encoded::Real(real) => Raw::Real(real),
            Encoded::Text(text) => Raw::Text(text.into_owned()),
            Encoded::Blob(blob) => Raw::Blob(blob.into_owned()),
        })
    })
}
