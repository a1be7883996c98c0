//! Creating, reading, updating and deleting a single row, given by its key or as a value.

mod by_key;
mod changes;
mod conflict;
mod delete;
mod get;
mod given;
mod insert;
mod update;
mod upsert;

pub use changes::Changes;
pub use conflict::UniqueColumns;
pub use get::Get;
pub use given::{Given, Givens, Insertable};
pub use upsert::Upsert;

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
