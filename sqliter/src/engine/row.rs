//! Rows while the statement steps.

use std::cell::Cell;

use rusqlite::types::ValueRef as Raw;
use sqlx::sqlite::SqliteRow;

use super::fetched;
use crate::error::{Error, Result};
use crate::model::{Codec, codec};
use crate::table::TableInfo;
use crate::value::{ColumnType, DecodeError, Value, ValueRef};

/// The present row of a statement, or a row that was kept. Text and blobs are borrowed.
pub struct Row<'r> {
    source: Source<'r>,
    positions: Positions<'r>,
}

/// Where the columns of what is read stand in the row.
#[derive(Clone, Copy)]
enum Positions<'r> {
    /// In their order, from here on.
    From(usize),
    /// One position for each.
    At(&'r [usize]),
}

#[derive(Clone, Copy)]
enum Source<'r> {
    /// With the bytes of text and blobs that were read so far.
    Statement(&'r rusqlite::Row<'r>, &'r Cell<usize>),
    Kept(&'r [Value]),
    Sqlx(&'r SqliteRow),
}

impl<'r> Row<'r> {
    pub(super) const fn new(raw: &'r rusqlite::Row<'r>, bytes: &'r Cell<usize>) -> Self {
        Self { source: Source::Statement(raw, bytes), positions: Positions::From(0) }
    }

    /// A row that [`values`](Self::values) has copied.
    pub(crate) const fn kept(values: &'r [Value]) -> Self {
        Self { source: Source::Kept(values), positions: Positions::From(0) }
    }

    /// A row that sqlx has fetched.
    pub(super) const fn fetched(row: &'r SqliteRow) -> Self {
        Self { source: Source::Sqlx(row), positions: Positions::From(0) }
    }

    /// The same row, for a model whose columns begin at a position.
    #[inline]
    pub(crate) const fn from(&self, start: usize) -> Self {
        Self { source: self.source, positions: Positions::From(start) }
    }

    /// The same row, for what has each of its columns at a position of its own.
    pub(crate) const fn at<'p>(&self, positions: &'p [usize]) -> Row<'p>
    where
        'r: 'p,
    {
        Row { source: self.source, positions: Positions::At(positions) }
    }

    /// Whether the value at a position is `NULL`.
    #[inline]
    pub(crate) fn is_null(&self, index: usize) -> bool {
        matches!(self.value(index), Ok(ValueRef::Null))
    }

    /// The number at a position, counted from 1, as a position counted from 0.
    #[inline]
    pub(crate) fn position(&self, index: usize) -> usize {
        self.integer(index).and_then(|number| usize::try_from(number - 1).ok()).unwrap_or(usize::MAX)
    }

    /// The integer at a position.
    #[inline]
    pub(crate) fn integer(&self, index: usize) -> Option<i64> {
        match self.value(index) {
            Ok(ValueRef::Integer(number)) => Some(number),
            _ => None,
        }
    }

    /// Owned copies of the first values, or `None` when one of them is none that could be kept.
    pub(crate) fn values(&self, width: usize) -> Option<Vec<Value>> {
        (0..width).map(|index| self.value(index).ok().map(ValueRef::to_value)).collect()
    }

    /// The value of the column at a position of the table.
    ///
    /// # Errors
    ///
    /// [`Error::Decode`] when it does not fit the type.
    #[inline]
    pub fn get<T>(&self, codec: &Codec<T>, table: &'static TableInfo, index: usize) -> Result<T> {
        let name = || table.columns.get(index).map_or("?", |column| column.name).to_owned();
        self.decode(codec, table.name, name, self.place(index))
    }

    /// The value of the column at a position of a list of names.
    ///
    /// # Errors
    ///
    /// [`Error::Decode`] when it does not fit the type.
    #[inline]
    pub fn get_named<T>(&self, codec: &Codec<T>, names: &[&str], index: usize) -> Result<T> {
        self.decode(codec, "", || (*names.get(index).unwrap_or(&"?")).to_owned(), self.place(index))
    }

    #[inline]
    fn place(&self, index: usize) -> usize {
        match self.positions {
            Positions::From(start) => start + index,
            Positions::At(positions) => positions.get(index).copied().unwrap_or(usize::MAX),
        }
    }

    /// An owned copy of the value of the column at a position of the table, if it can be kept.
    pub(crate) fn own(&self, index: usize) -> Option<Value> {
        self.value(self.place(index)).ok().map(ValueRef::to_value)
    }

    /// The value at a position, under the name that an error about it gives. Raw queries have no table.
    #[inline]
    pub(crate) fn get_value<T: ColumnType>(
        &self,
        table: &str,
        name: impl FnOnce() -> String,
        index: usize,
    ) -> Result<T> {
        self.decode(codec::<T>(), table, name, index)
    }

    #[inline]
    fn decode<T>(&self, codec: &Codec<T>, table: &str, name: impl FnOnce() -> String, index: usize) -> Result<T> {
        match self.value(index) {
            Ok(value) => match (codec.decode)(value) {
                Ok(decoded) => Ok(decoded),
                Err(error) => Err(unfit(error, table, name, codec.expected, value.describe())),
            },
            Err(found) => Err(unfit(DecodeError::unfit(), table, name, codec.expected, found)),
        }
    }

    /// An owned copy of the value at a position, under the name that an error about it gives.
    pub(crate) fn owned(&self, table: &str, name: impl FnOnce() -> String, index: usize) -> Result<Value> {
        let value = self.value(index).map(ValueRef::to_value);
        value.map_err(|found| DecodeError::unfit().at(table, &name(), "text in UTF-8", found))
    }

    /// The value at a position, or what was found instead of one.
    #[inline]
    fn value(&self, index: usize) -> Result<ValueRef<'r>, String> {
        let (raw, read) = match self.source {
            Source::Statement(raw, read) => (raw, read),
            Source::Kept(values) => {
                return values.get(index).map(Value::as_ref).ok_or_else(|| "no such column".to_owned());
            }
            Source::Sqlx(row) => return fetched::value(row, index),
        };
        match raw.get_ref(index) {
            Ok(Raw::Null) => Ok(ValueRef::Null),
            Ok(Raw::Integer(i)) => Ok(ValueRef::Integer(i)),
            Ok(Raw::Real(r)) => Ok(ValueRef::Real(r)),
            Ok(Raw::Text(bytes)) => {
                read.set(read.get() + bytes.len());
                match std::str::from_utf8(bytes) {
                    Ok(text) => Ok(ValueRef::Text(text)),
                    Err(error) => Err(not_utf8(&error)),
                }
            }
            Ok(Raw::Blob(bytes)) => {
                read.set(read.get() + bytes.len());
                Ok(ValueRef::Blob(bytes))
            }
            Err(error) => Err(error.to_string()),
        }
    }
}

#[cold]
fn unfit(
    error: DecodeError,
    table: &str,
    name: impl FnOnce() -> String,
    expected: &'static str,
    found: String,
) -> Error {
    error.at(table, &name(), expected, found)
}

#[cold]
pub(super) fn not_utf8(error: &dyn std::fmt::Display) -> String {
    format!("TEXT that is not UTF-8 ({error})")
}
