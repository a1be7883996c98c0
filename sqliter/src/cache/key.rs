//! What a result is found by.

use crate::sql::{Argument, Statement};
use crate::table::Seen;
use crate::value::Value;

/// The statement with its arguments and the types of the columns that it may compare, so that two keys are equal only if
/// all are: models of one table may take its values for different things.
pub(crate) fn key(statement: &Statement, tables: &[Seen]) -> Box<[u8]> {
    let mut key = Vec::with_capacity(statement.text.len() + 64);
    let mut part = |tag: u8, bytes: &[u8]| {
        key.push(tag);
        key.extend_from_slice(&bytes.len().to_le_bytes());
        key.extend_from_slice(bytes);
    };
    part(b'q', statement.text.as_bytes());
    for kind in tables.iter().flat_map(|table| table.kinds()) {
        part(b'c', kind.as_bytes());
    }
    let mut value = |value: &Value| match value {
        Value::Null => part(b'n', &[]),
        Value::Integer(i) => part(b'i', &i.to_le_bytes()),
        Value::Real(r) => part(b'r', &r.to_bits().to_le_bytes()),
        Value::Text(t) => part(b't', t.as_bytes()),
        Value::Blob(b) => part(b'b', b),
    };
    for argument in &statement.arguments {
        match argument {
            Argument::Value(single) => value(single),
            Argument::List(list) => {
                value(&Value::Integer(list.len() as i64));
                list.iter().for_each(&mut value);
            }
        }
    }
    key.into_boxed_slice()
}
