//! Rows while the statement steps.

use std::borrow::Cow;

use rusqlite::types::ValueRef as Raw;

use crate::error::{Error, Result};
use crate::model::{Codec, TableInfo, codec};
use crate::value::{ColumnType, Value, ValueRef};

/// The present row of a statement, or a row that was kept. Text and blobs are borrowed.
pub struct Row<'r> {
    source: Source<'r>,
    /// The position of the first column of the model that is read.
    start: usize,
}

#[derive(Clone, Copy)]
enum Source<'r> {
    Statement(&'r rusqlite::Row<'r>),
    Kept(&'r [Value]),
}

impl<'r> Row<'r> {
    pub(super) const fn new(raw: &'r rusqlite::Row<'r>) -> Self {
        Self { source: Source::Statement(raw), start: 0 }
    }

    /// A row that [`values`](Self::values) has copied.
    pub(crate) const fn kept(values: &'r [Value]) -> Self {
        Self { source: Source::Kept(values), start: 0 }
    }

    /// The same row, for a model whose columns begin at a position.
    pub(crate) const fn from(&self, start: usize) -> Self {
        Self { source: self.source, start }
    }

    /// Whether the value at a position is `NULL`.
    pub(crate) fn is_null(&self, index: usize) -> bool {
        matches!(self.value(index), Ok(ValueRef::Null))
    }

    /// The number at a position, counted from 1, as a position counted from 0.
    pub(crate) fn position(&self, index: usize) -> usize {
        match self.value(index) {
            Ok(ValueRef::Integer(number)) => usize::try_from(number - 1).unwrap_or(usize::MAX),
            _ => usize::MAX,
        }
    }

    /// Owned copies of the first values, or `None` when one of them is none that could be kept.
    pub(crate) fn values(&self, width: usize) -> Option<Vec<Value>> {
        (0..width).map(|index| self.value(index).ok().map(ValueRef::to_value)).collect()
    }

    /// The value at a position, which is also the position of its column in the table.
    ///
    /// # Errors
    ///
    /// [`Error::Decode`] when it does not fit the type.
    pub fn get<T>(&self, codec: &Codec<T>, table: &'static TableInfo, index: usize) -> Result<T> {
        match table.columns.get(index) {
            Some(column) => self.decode(codec, table, || column.name.into(), self.start + index),
            None => Err(Error::Decode {
                table: table.name.to_owned(),
                column: index.to_string(),
                expected: codec.expected.to_owned(),
                found: "no such column".to_owned(),
            }),
        }
    }

    /// The value at a position, under the name that an error about it gives.
    pub(crate) fn get_named<T: ColumnType>(
        &self,
        table: &'static TableInfo,
        name: impl FnOnce() -> Cow<'static, str>,
        index: usize,
    ) -> Result<T> {
        self.decode(codec::<T>(), table, name, index)
    }

    fn decode<T>(
        &self,
        codec: &Codec<T>,
        table: &'static TableInfo,
        name: impl FnOnce() -> Cow<'static, str>,
        index: usize,
    ) -> Result<T> {
        let (value, detail) = match self.value(index) {
            Ok(value) => match (codec.decode)(value) {
                Ok(decoded) => return Ok(decoded),
                Err(error) => (value.describe(), error.detail),
            },
            Err(found) => (found, None),
        };
        let found = match detail {
            Some(detail) => format!("{value} ({detail})"),
            None => value,
        };
        Err(Error::Decode {
            table: table.name.to_owned(),
            column: name().into_owned(),
            expected: codec.expected.to_owned(),
            found,
        })
    }

    /// An owned copy of the value at a position.
    pub(crate) fn owned(
        &self,
        table: &'static TableInfo,
        name: impl FnOnce() -> Cow<'static, str>,
        index: usize,
    ) -> Result<Value> {
        self.value(index).map(ValueRef::to_value).map_err(|found| Error::Decode {
            table: table.name.to_owned(),
            column: name().into_owned(),
            expected: "a value".to_owned(),
            found,
        })
    }

    /// The value at a position, or what was found instead of one.
    fn value(&self, index: usize) -> Result<ValueRef<'r>, String> {
        let raw = match self.source {
            Source::Statement(raw) => raw,
            Source::Kept(values) => {
                return values.get(index).map(Value::as_ref).ok_or_else(|| "no such column".to_owned());
            }
        };
        match raw.get_ref(index) {
            Ok(Raw::Null) => Ok(ValueRef::Null),
            Ok(Raw::Integer(i)) => Ok(ValueRef::Integer(i)),
            Ok(Raw::Real(r)) => Ok(ValueRef::Real(r)),
            Ok(Raw::Text(bytes)) => match std::str::from_utf8(bytes) {
                Ok(text) => Ok(ValueRef::Text(text)),
                Err(error) => Err(format!("TEXT that is not UTF-8 ({error})")),
            },
            Ok(Raw::Blob(bytes)) => Ok(ValueRef::Blob(bytes)),
            Err(error) => Err(error.to_string()),
        }
    }
}
