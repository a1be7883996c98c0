//! Columns that hold values of any storage class.

use super::{ColumnType, Literal, kind};
use crate::value::{DecodeError, EncodeError, Encoded, Storage, Value, ValueRef};

/// A value of any storage class but `NULL`, for columns that are declared `ANY` or without a type, and for those in which other
/// programs have left values of several classes. The nullable column is an `Option<Any>`.
///
/// Values compare as [SQLite sorts them](https://www.sqlite.org/datatype3.html#comparison_expressions): numbers before text,
/// text before blobs.
#[derive(Debug, Clone, PartialEq)]
pub struct Any(pub Value);

impl ColumnType for Any {
    type Inner = Self;
    type Kind = kind::Blob;
    const STORAGE: Storage = Storage::Any;
    const EXPECTED: &'static str = "a value that is not NULL";

    fn encode(&self) -> Result<Encoded<'_>, EncodeError> {
        match &self.0 {
            Value::Null => Err(EncodeError("NULL is not a value of `Any`: use `Option<Any>`".to_owned())),
            Value::Real(number) => number.encode(),
            value @ (Value::Integer(_) | Value::Text(_) | Value::Blob(_)) => Ok(value.as_encoded()),
        }
    }

    fn decode(value: ValueRef<'_>) -> Result<Self, DecodeError> {
        match value {
            ValueRef::Null => Err(DecodeError::unfit()),
            value => Ok(Self(value.to_value())),
        }
    }
}

#[diagnostic::do_not_recommend]
impl Literal for Any {}

impl serde::Serialize for Any {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}
