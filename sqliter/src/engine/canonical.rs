//! Functions that give values of other programs in the form of the library, for columns whose table lets in others.
//!
//! They take the value, and the name of its column for the error.

use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::ValueRef as Raw;
use rusqlite::{Connection, Error, Result};

#[cfg(any(feature = "chrono", feature = "jiff", feature = "time", feature = "rust_decimal", feature = "uuid"))]
use crate::column::ColumnType;
#[cfg(any(feature = "chrono", feature = "jiff", feature = "time", feature = "rust_decimal", feature = "uuid"))]
use crate::value::Encoded;
use crate::value::{Value, ValueRef};

pub(super) fn set_up(sqlite: &Connection, flags: FunctionFlags) -> Result<()> {
    sqlite.create_scalar_function("as_number", 2, flags, |context| converted(context, "a number", as_number))?;
    #[cfg(feature = "chrono")]
    {
        canonical::<chrono::TimeDelta>(sqlite, flags)?;
        canonical::<chrono::NaiveDate>(sqlite, flags)?;
        canonical::<chrono::NaiveTime>(sqlite, flags)?;
        canonical::<chrono::NaiveDateTime>(sqlite, flags)?;
        canonical::<chrono::DateTime<chrono::Utc>>(sqlite, flags)?;
        canonical::<chrono::DateTime<chrono::FixedOffset>>(sqlite, flags)?;
    }
    #[cfg(feature = "jiff")]
    {
        canonical::<jiff::SignedDuration>(sqlite, flags)?;
        canonical::<jiff::civil::Date>(sqlite, flags)?;
        canonical::<jiff::civil::Time>(sqlite, flags)?;
        canonical::<jiff::civil::DateTime>(sqlite, flags)?;
        canonical::<jiff::Timestamp>(sqlite, flags)?;
    }
    #[cfg(feature = "time")]
    {
        canonical::<time::Duration>(sqlite, flags)?;
        canonical::<time::Date>(sqlite, flags)?;
        canonical::<time::Time>(sqlite, flags)?;
        canonical::<time::PrimitiveDateTime>(sqlite, flags)?;
        canonical::<time::OffsetDateTime>(sqlite, flags)?;
    }
    #[cfg(feature = "rust_decimal")]
    canonical::<rust_decimal::Decimal>(sqlite, flags)?;
    #[cfg(feature = "uuid")]
    canonical::<uuid::Uuid>(sqlite, flags)?;
    Ok(())
}

/// The function of a type: what is read as one of its values, as it would be written.
#[cfg(any(feature = "chrono", feature = "jiff", feature = "time", feature = "rust_decimal", feature = "uuid"))]
fn canonical<T: ColumnType>(sqlite: &Connection, flags: FunctionFlags) -> Result<()> {
    let Some(name) = T::CANONICAL else { return Ok(()) };
    let convert = |value: ValueRef<'_>| {
        let decoded = T::decode(value).ok()?;
        decoded.encode().ok().map(Encoded::into_value)
    };
    sqlite.create_scalar_function(name, 2, flags, move |context| converted(context, T::EXPECTED, convert))
}

/// Numbers as they are, and text that is one.
fn as_number(value: ValueRef<'_>) -> Option<Value> {
    match value {
        ValueRef::Integer(_) | ValueRef::Real(_) => Some(value.to_value()),
        ValueRef::Text(text) => {
            let integer = text.parse().ok().map(Value::Integer);
            integer.or_else(|| text.parse().ok().filter(|real: &f64| real.is_finite()).map(Value::Real))
        }
        ValueRef::Null | ValueRef::Blob(_) => None,
    }
}

fn converted(
    context: &Context<'_>,
    expected: &str,
    convert: impl Fn(ValueRef<'_>) -> Option<Value>,
) -> Result<rusqlite::types::Value> {
    use rusqlite::types::Value as Owned;
    let text;
    let value = match context.get_raw(0) {
        Raw::Null => return Ok(Owned::Null),
        Raw::Integer(integer) => ValueRef::Integer(integer),
        Raw::Real(real) => ValueRef::Real(real),
        Raw::Text(bytes) => {
            text = String::from_utf8_lossy(bytes);
            ValueRef::Text(&text)
        }
        Raw::Blob(blob) => ValueRef::Blob(blob),
    };
    match convert(value) {
        Some(Value::Null) => Ok(Owned::Null),
        Some(Value::Integer(integer)) => Ok(Owned::Integer(integer)),
        Some(Value::Real(real)) => Ok(Owned::Real(real)),
        Some(Value::Text(text)) => Ok(Owned::Text(text)),
        Some(Value::Blob(blob)) => Ok(Owned::Blob(blob)),
        None => {
            let column = context.get::<String>(1)?;
            let found = value.describe();
            Err(Error::UserFunctionError(format!("{column} holds {found}, expected {expected}").into()))
        }
    }
}
