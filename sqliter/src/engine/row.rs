//! Rows while the statement steps.

use rusqlite::types::ValueRef as Raw;

use crate::error::{Error, Result};
use crate::model::{ColumnInfo, TableInfo};
use crate::value::{ColumnType, Value, ValueRef};

/// The present row of a statement. Text and blobs are borrowed from SQLite.
pub struct Row<'r> {
    raw: &'r rusqlite::Row<'r>,
}

impl<'r> Row<'r> {
    pub(super) const fn new(raw: &'r rusqlite::Row<'r>) -> Self {
        Self { raw }
    }

    /// The value at a position, which is also the position of its column in the table.
    ///
    /// # Errors
    ///
    /// [`Error::Decode`] when it does not fit the type.
    pub fn get<T: ColumnType>(&self, table: &'static TableInfo, index: usize) -> Result<T> {
        match table.columns.get(index) {
            Some(column) => self.get_column(table, column, index),
            None => Err(Error::Decode {
                table: table.name.to_owned(),
                column: index.to_string(),
                expected: T::EXPECTED.to_owned(),
                found: "no such column".to_owned(),
            }),
        }
    }

    /// The value at a position, read as a value of the column.
    pub(crate) fn get_column<T: ColumnType>(
        &self,
        table: &'static TableInfo,
        column: &'static ColumnInfo,
        index: usize,
    ) -> Result<T> {
        let (value, detail) = match self.value(index) {
            Ok(value) => match T::decode(value) {
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
            column: column.name.to_owned(),
            expected: T::EXPECTED.to_owned(),
            found,
        })
    }

    /// An owned copy of the value at a position.
    pub(crate) fn owned(&self, table: &'static TableInfo, column: &'static ColumnInfo, index: usize) -> Result<Value> {
        self.value(index).map(ValueRef::to_value).map_err(|found| Error::Decode {
            table: table.name.to_owned(),
            column: column.name.to_owned(),
            expected: column.expected.to_owned(),
            found,
        })
    }

    /// The value at a position, or what was found instead of one.
    fn value(&self, index: usize) -> Result<ValueRef<'r>, String> {
        match self.raw.get_ref(index) {
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
