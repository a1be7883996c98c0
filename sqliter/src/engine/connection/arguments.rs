//! Binding values to statements.

use std::rc::Rc;

use rusqlite::ffi;
use rusqlite::types::{ToSqlOutput, Value as RawValue, ValueRef as RawRef};

use super::in_place::only_on_thread;
use super::report::report;
use crate::engine::limits::{LONGEST_IN_PLACE, is_in_place};
use crate::error::SqliteError;
use crate::sql::Argument;
use crate::value::{Encoded, Value};

/// How long a list may be that is bound in place.
const MANY_ARGUMENTS: usize = 2_000;

pub(in crate::engine) fn bind_all(
    statement: &mut rusqlite::CachedStatement<'_>,
    arguments: &[Argument],
) -> Result<(), SqliteError> {
    for (i, argument) in arguments.iter().enumerate() {
        match argument {
            Argument::Value(value) => statement.raw_bind_parameter(i + 1, Borrowed(value)),
            Argument::List(list) => {
                if list.len() > MANY_ARGUMENTS {
                    only_on_thread()?;
                }
                let list: Rc<Vec<RawValue>> = Rc::new(list.iter().map(raw_value).collect());
                statement.raw_bind_parameter(i + 1, list)
            }
        }
        .map_err(report)?;
    }
    Ok(())
}

fn raw_value(value: &Value) -> RawValue {
    match value {
        Value::Null => RawValue::Null,
        Value::Integer(i) => RawValue::Integer(*i),
        Value::Real(r) => RawValue::Real(*r),
        Value::Text(t) => RawValue::Text(t.clone()),
        Value::Blob(b) => RawValue::Blob(b.clone()),
    }
}

pub(in crate::engine) struct Borrowed<'a>(pub(in crate::engine) &'a Value);

impl rusqlite::ToSql for Borrowed<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        bearable(match self.0 {
            Value::Null => RawRef::Null,
            Value::Integer(i) => RawRef::Integer(*i),
            Value::Real(r) => RawRef::Real(*r),
            Value::Text(t) => RawRef::Text(t.as_bytes()),
            Value::Blob(b) => RawRef::Blob(b),
        })
    }
}

pub(in crate::engine) struct Bound<'a>(pub(in crate::engine) Encoded<'a>);

impl rusqlite::ToSql for Bound<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        bearable(match &self.0 {
            Encoded::Null => RawRef::Null,
            Encoded::Integer(i) => RawRef::Integer(*i),
            Encoded::Real(r) => RawRef::Real(*r),
            Encoded::Text(t) => RawRef::Text(t.as_bytes()),
            Encoded::Blob(b) => RawRef::Blob(b),
        })
    }
}

/// In place, what is long is refused as SQLite refuses it where it has a limit, which not every schema bears.
fn bearable(value: RawRef<'_>) -> rusqlite::Result<ToSqlOutput<'_>> {
    match value {
        RawRef::Text(bytes) | RawRef::Blob(bytes) if bytes.len() > LONGEST_IN_PLACE as usize && is_in_place() => {
            Err(rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_TOOBIG), None))
        }
        value => Ok(ToSqlOutput::Borrowed(value)),
    }
}
