//! The values of a row as Rust values.

use super::Flat;
use crate::column::{Codec, ColumnType, codec};
use crate::engine::RowRef;
use crate::error::{Error, Result};
use crate::table::TableInfo;
use crate::value::{DecodeError, Value, ValueRef};

impl RowRef<'_> {
    /// The value of the column at a position of the table.
    ///
    /// # Errors
    ///
    /// [`Error::Decode`] when it does not fit the type.
    #[inline]
    pub fn get<T>(&self, codec: &Codec<T>, table: &'static TableInfo, index: usize) -> Result<T> {
        let name = || table.columns.get(index).map_or("?", |column| column.name).to_owned();
        self.decode(codec, table.name, &name, self.position_of(index))
    }

    /// The value of a column of a group, at a position among those of the group, which begins at a column of the table.
    ///
    /// # Errors
    ///
    /// [`Error::Decode`] when it does not fit the type.
    #[inline]
    pub fn get_of<T>(&self, codec: &Codec<T>, table: &'static TableInfo, start: usize, index: usize) -> Result<T> {
        let name = || table.columns.get(start + index).map_or("?", |column| column.name).to_owned();
        self.decode(codec, table.name, &name, self.position_of(index))
    }

    /// The value of the next column, which has a name.
    ///
    /// # Errors
    ///
    /// [`Error::Decode`] when it does not fit the type.
    #[inline]
    pub fn next<T>(&self, codec: &Codec<T>, name: &'static str, next: &mut usize) -> Result<T> {
        let index = *next;
        *next += 1;
        self.decode(codec, "", &|| name.to_owned(), self.position_of(index))
    }

    /// The struct that the next columns make, whose names begin with the prefix.
    ///
    /// # Errors
    ///
    /// As [`next`](Self::next).
    pub fn next_flattened<T>(&self, flat: &Flat<T>, prefix: &str, next: &mut usize) -> Result<T> {
        let index = *next;
        *next += flat.width;
        (flat.decode)(&self.behind(index)).map_err(|error| match error {
            Error::Decode { table, column, expected, found } if table.is_empty() => {
                Error::Decode { table, column: format!("{prefix}{column}"), expected, found }
            }
            error => error,
        })
    }

    /// An owned copy of the value of the column at a position of the table, if it can be kept.
    pub(crate) fn own(&self, index: usize) -> Option<Value> {
        self.value(self.position_of(index)).ok().map(ValueRef::to_value)
    }

    /// The value at a position, under the name that an error about it gives. Raw queries have no table.
    #[inline]
    pub(crate) fn get_value<T: ColumnType>(&self, table: &str, name: impl Fn() -> String, index: usize) -> Result<T> {
        self.decode(codec::<T>(), table, &name, index)
    }

    #[inline]
    fn decode<T>(&self, codec: &Codec<T>, table: &str, name: &dyn Fn() -> String, index: usize) -> Result<T> {
        let value = match self.stepped(index) {
            Some(value) => value,
            None => match self.value(index) {
                Ok(value) => value,
                Err(found) => return Err(unfit(DecodeError::unfit(), table, name, codec.expected, found)),
            },
        };
        match (codec.decode)(value) {
            Ok(decoded) => Ok(decoded),
            Err(error) => Err(unfit(error, table, name, codec.expected, value.describe())),
        }
    }

    /// An owned copy of the value at a position, under the name that an error about it gives.
    pub(crate) fn owned(&self, table: &str, name: impl FnOnce() -> String, index: usize) -> Result<Value> {
        let value = self.value(index).map(ValueRef::to_value);
        value.map_err(|found| DecodeError::unfit().at(table, &name(), "text in UTF-8", found))
    }
}

#[cold]
fn unfit(error: DecodeError, table: &str, name: &dyn Fn() -> String, expected: &'static str, found: String) -> Error {
    error.at(table, &name(), expected, found)
}
