//! SQL functions and collations of the program's own.

use std::sync::Arc;

use rusqlite::Connection;
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::{Value as Raw, ValueRef as RawRef};

use super::wishes::{Function, OwnCollation, Wishes};
use crate::value::{Value, ValueRef};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Gives a new connection what the program has of these.
pub(super) fn set_up(sqlite: &Connection, wishes: &Wishes) -> Result<(), Failure> {
    for function in wishes.functions.iter() {
        set_up_function(sqlite, function)?;
    }
    for collation in wishes.collations.iter() {
        set_up_collation(sqlite, collation)?;
    }
    Ok(())
}

fn set_up_function(sqlite: &Connection, function: &Function) -> Result<(), Failure> {
    const IS_THERE: &str =
        "SELECT EXISTS (SELECT 1 FROM pragma_function_list WHERE name = ?1 COLLATE NOCASE AND narg IN (?2, -1))";
    let Function { name, arguments, call } = function;
    if sqlite.query_row(IS_THERE, (name, arguments), |row| row.get(0))? {
        return Err(format!(
            "there is an SQL function {name} with {arguments} arguments already: name yours otherwise"
        )
        .into());
    }
    let call = Arc::clone(call);
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    let run = move |context: &Context<'_>| {
        let arguments: Vec<_> =
            (0..context.len()).map(|index| value(context.get_raw(index))).collect::<Result<_, _>>()?;
        call(&arguments).map(raw).map_err(rusqlite::Error::UserFunctionError)
    };
    sqlite.create_scalar_function(name.as_str(), i32::from(*arguments), flags, run)?;
    Ok(())
}

fn set_up_collation(sqlite: &Connection, collation: &OwnCollation) -> Result<(), Failure> {
    const IS_THERE: &str = "SELECT EXISTS (SELECT 1 FROM pragma_collation_list WHERE name = ? COLLATE NOCASE)";
    let OwnCollation { name, compare } = collation;
    if sqlite.query_row(IS_THERE, [name], |row| row.get(0))? {
        return Err(format!("there is a collation {name} already: name yours otherwise").into());
    }
    let compare = Arc::clone(compare);
    sqlite.create_collation(name.as_str(), move |a, b| compare(a, b))?;
    Ok(())
}

fn value(raw: RawRef<'_>) -> rusqlite::Result<ValueRef<'_>> {
    Ok(match raw {
        RawRef::Null => ValueRef::Null,
        RawRef::Integer(number) => ValueRef::Integer(number),
        RawRef::Real(number) => ValueRef::Real(number),
        RawRef::Text(_) => {
            ValueRef::Text(raw.as_str().map_err(|error| rusqlite::Error::UserFunctionError(Box::new(error)))?)
        }
        RawRef::Blob(bytes) => ValueRef::Blob(bytes),
    })
}

fn raw(value: Value) -> Raw {
    match value {
        Value::Null => Raw::Null,
        Value::Integer(number) => Raw::Integer(number),
        Value::Real(number) => Raw::Real(number),
        Value::Text(text) => Raw::Text(text),
        Value::Blob(bytes) => Raw::Blob(bytes),
    }
}
