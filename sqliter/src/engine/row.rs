//! Rows while the statement steps.

use std::cell::Cell;

use rusqlite::types::ValueRef as Raw;
use sqlx::sqlite::SqliteRow;

use super::fetched;
use crate::value::{Value, ValueRef};

/// The present row of a statement, or a row that was kept. Text and blobs are borrowed.
pub struct RowRef<'r> {
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

impl<'r> RowRef<'r> {
    pub(super) const fn new(raw: &'r rusqlite::Row<'r>, bytes: &'r Cell<usize>) -> Self {
        Self { source: Source::Statement(raw, bytes), positions: Positions::From(0) }
    }

    /// A row that [`values`](Self::values) has copied.
    pub(crate) const fn kept(values: &'r [Value]) -> Self {
        Self { source: Source::Kept(values), positions: Positions::From(0) }
    }

    /// A row that sqlx has fetched.
    pub(crate) const fn fetched(row: &'r SqliteRow) -> Self {
        Self { source: Source::Sqlx(row), positions: Positions::From(0) }
    }

    /// The same row, for a model whose columns begin at a position.
    #[inline]
    pub(crate) const fn from(&self, start: usize) -> Self {
        Self { source: self.source, positions: Positions::From(start) }
    }

    /// The same row, for what has each of its columns at a position of its own.
    pub(crate) const fn at<'p>(&self, positions: &'p [usize]) -> RowRef<'p>
    where
        'r: 'p,
    {
        RowRef { source: self.source, positions: Positions::At(positions) }
    }

    /// The same row without the first columns of what is read.
    pub(crate) fn behind(&self, columns: usize) -> Self {
        let positions = match self.positions {
            Positions::From(start) => Positions::From(start + columns),
            Positions::At(positions) => Positions::At(positions.get(columns..).unwrap_or_default()),
        };
        Self { source: self.source, positions }
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

    /// Owned copies of the first values, or `None` when one of them is none that could be kept,
    /// or `may` refuses one.
    pub(crate) fn values(&self, width: usize, mut may: impl FnMut(ValueRef<'_>) -> bool) -> Option<Vec<Value>> {
        let value = |index| self.value(index).ok().filter(|value| may(*value)).map(ValueRef::to_value);
        (0..width).map(value).collect()
    }

    /// Where the column at a position of what is read stands in the row.
    #[inline]
    pub(crate) fn position_of(&self, index: usize) -> usize {
        match self.positions {
            Positions::From(start) => start + index,
            Positions::At(positions) => positions.get(index).copied().unwrap_or(usize::MAX),
        }
    }

    /// The value at a position, or what was found instead of one.
    #[inline]
    pub(crate) fn value(&self, index: usize) -> Result<ValueRef<'r>, String> {
        self.stepped(index).map_or_else(|| self.other(index), Ok)
    }

    /// The value at a position of the row that a statement stands at. `None` for other rows, and where there is no value.
    #[inline(always)]
    pub(crate) fn stepped(&self, index: usize) -> Option<ValueRef<'r>> {
        let Source::Statement(raw, read) = self.source else { return None };
        let value = match raw.get_ref(index) {
            Ok(value) => value,
            // The error is moved, so that nothing has to be dropped where there is none.
            Err(error) => return no_value(error),
        };
        match value {
            Raw::Null => Some(ValueRef::Null),
            Raw::Integer(i) => Some(ValueRef::Integer(i)),
            Raw::Real(r) => Some(ValueRef::Real(r)),
            Raw::Text(bytes) => {
                read.set(read.get() + bytes.len());
                std::str::from_utf8(bytes).ok().map(ValueRef::Text)
            }
            Raw::Blob(bytes) => {
                read.set(read.get() + bytes.len());
                Some(ValueRef::Blob(bytes))
            }
        }
    }

    /// The value of another row, or what was found instead of one.
    #[cold]
    fn other(&self, index: usize) -> Result<ValueRef<'r>, String> {
        match self.source {
            Source::Statement(raw, _) => Err(match raw.get_ref(index) {
                Ok(Raw::Text(bytes)) => match std::str::from_utf8(bytes) {
                    Ok(text) => return Ok(ValueRef::Text(text)),
                    Err(error) => not_utf8(&error),
                },
                Ok(other) => format!("{other:?}"),
                Err(error) => error.to_string(),
            }),
            Source::Kept(values) => values.get(index).map(Value::as_ref).ok_or_else(|| "no such column".to_owned()),
            Source::Sqlx(row) => fetched::value(row, index),
        }
    }
}

#[cold]
fn no_value<'r>(_: rusqlite::Error) -> Option<ValueRef<'r>> {
    None
}

#[cold]
pub(super) fn not_utf8(error: &dyn std::fmt::Display) -> String {
    format!("TEXT that is not UTF-8 ({error})")
}
