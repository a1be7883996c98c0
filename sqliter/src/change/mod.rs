//! Creating, reading, updating and deleting a single row, given by its key or as a value.

mod by_key;
mod conflict;
mod delete;
mod get;
mod insert;
mod insert_given;
mod patch;
mod update;
mod upsert;
mod upsert_sets;

pub use conflict::UniqueColumns;
pub use get::{Get, GetFuture};
pub use insert_given::{ColumnValue, ColumnValues, OwnPath};
pub use upsert::Upsert;
pub use upsert_sets::UpsertSets;

use crate::error::Result;
use crate::sql::RowValues;
use crate::table::ColumnInfo;
use crate::value::Encoded;

/// The values that a row writes, beside their columns.
fn row_values(
    columns: impl Iterator<Item = &'static ColumnInfo>,
    write: impl FnOnce(&mut dyn FnMut(Encoded<'_>) -> Result<()>) -> Result<()>,
) -> Result<RowValues> {
    let mut values = Vec::new();
    write(&mut |value| {
        values.push(value.into_value());
        Ok(())
    })?;
    Ok(columns.zip(values).collect())
}
