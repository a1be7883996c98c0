//! What an update of one row may change, as plain data.

use serde::{Deserialize, Deserializer};

use super::{GroupCodec, Model};
use crate::column::Codec;
use crate::error::Result;
use crate::table::{ColumnInfo, TableInfo};
use crate::value::Value;

/// What [`Session::patch`](crate::Session::patch) takes for a row of the model `M`: of a model `Issue` the struct `IssuePatch`,
/// which `#[model(patch)]` generates.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a patch of `{M}`",
    label = "expected the `…Patch` struct of `{M}`",
    note = "`#[model(patch)]` on a model `Issue` generates `IssuePatch`: \
            `db.patch(key, IssuePatch {{ title: Some(title), ..Default::default() }})`",
    note = "a whole row is written by `db.update(&mut issue)`"
)]
pub trait Patch<M>: Send + 'static {
    /// Writes the values that there are.
    ///
    /// # Errors
    ///
    /// [`Error::Encode`](crate::Error::Encode) when a value has no form in SQLite.
    #[doc(hidden)]
    fn write(&self, changes: &mut Changes) -> Result<()>;

    /// The version that the row must have.
    #[doc(hidden)]
    fn expected_version(&self) -> Option<i64> {
        None
    }
}

/// The values that a patch writes, in the making.
#[derive(Debug)]
pub struct Changes {
    table: &'static TableInfo,
    values: Vec<(&'static ColumnInfo, Value)>,
}

impl Changes {
    /// Those of a patch.
    pub(crate) fn of<M: Model>(patch: &impl Patch<M>) -> Result<Vec<(&'static ColumnInfo, Value)>> {
        let mut changes = Self { table: M::TABLE, values: Vec::new() };
        patch.write(&mut changes)?;
        Ok(changes.values)
    }

    /// Adds the value of a column, if there is one.
    ///
    /// # Errors
    ///
    /// [`Error::Encode`](crate::Error::Encode) when the value has no form in SQLite.
    pub fn value<T>(&mut self, codec: &Codec<T>, column: usize, value: &Option<T>) -> Result<()> {
        if let (Some(column), Some(value)) = (self.table.columns.get(column), value) {
            match (codec.encode)(value) {
                Ok(encoded) => self.values.push((column, encoded.into_value())),
                Err(error) => return Err(error.at(self.table.name, column.name)),
            }
        }
        Ok(())
    }

    /// Adds the values of a group of columns, if there are such.
    ///
    /// # Errors
    ///
    /// As [`value`](Self::value).
    pub fn group<T>(&mut self, codec: &GroupCodec<T>, start: usize, value: &Option<T>) -> Result<()> {
        if let Some(value) = value {
            let columns = self.table.columns.iter().skip(start);
            for (column, value) in columns.zip(codec.stored(value, self.table, start)) {
                self.values.push((column, value.map_err(|error| error.at(self.table.name, column.name))?));
            }
        }
        Ok(())
    }
}

/// Reads a field of a patch that the input names: so `null` is a value, and what is absent is none.
///
/// # Errors
///
/// When the value does not fit the field.
pub fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}
