//! The functions that the values of a computed update pass in sqliter: what the type of an integer column cannot hold is refused.

use hiqlite::rusqlite::functions::{Context, FunctionFlags};
use hiqlite::rusqlite::types::{Value, ValueRef};
use hiqlite::rusqlite::{Connection, Error, Result};

/// Each with the least and the largest that the type holds in SQLite.
const TYPES: &[(&str, i64, i64)] = &[
    ("checked_i8", i8::MIN as i64, i8::MAX as i64),
    ("checked_i16", i16::MIN as i64, i16::MAX as i64),
    ("checked_i32", i32::MIN as i64, i32::MAX as i64),
    ("checked_i64", i64::MIN, i64::MAX),
    ("checked_isize", i64::MIN, i64::MAX),
    ("checked_u8", 0, u8::MAX as i64),
    ("checked_u16", 0, u16::MAX as i64),
    ("checked_u32", 0, u32::MAX as i64),
    ("checked_u64", 0, i64::MAX),
    ("checked_usize", 0, i64::MAX),
];

/// Gives the functions to a connection.
pub(crate) fn give(connection: &Connection) -> Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    for (name, least, largest) in TYPES {
        connection.create_scalar_function(*name, 2, flags, move |context| check(context, *least, *largest))?;
    }
    Ok(())
}

fn check(context: &Context<'_>, least: i64, largest: i64) -> Result<Value> {
    match context.get_raw(0) {
        ValueRef::Null => Ok(Value::Null),
        ValueRef::Integer(number) if (least..=largest).contains(&number) => Ok(Value::Integer(number)),
        _ => {
            let column = context.get::<String>(1).unwrap_or_default();
            Err(Error::UserFunctionError(format!("{column} must be an integer from {least} to {largest}").into()))
        }
    }
}
