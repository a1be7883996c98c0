//! Creating, reading, updating and deleting a single row, given by its key or as a value.

mod bulk_get;
mod by_key;
mod conflict;
mod copied;
mod delete;
mod delete_rows;
mod get;
mod given;
mod insert;
mod insert_given;
mod insertion;
mod new_values;
mod patch;
mod soft_delete;
mod update;
mod upsert;
mod upsert_sets;
mod write_rows;

pub use conflict::UniqueColumns;
pub use delete::Deletion;
pub use get::Get;
pub(crate) use given::Given;
pub(crate) use insert_given::given;
pub use insert_given::{ColumnValue, ColumnValues, OwnPath};
pub use insertion::Insert;
pub(crate) use insertion::NewRows;
pub use upsert::{BulkUpsert, Upsert};
pub(crate) use upsert::{get_or_create, given_one, named};
pub use upsert_sets::UpsertSets;
pub(crate) use write_rows::{Existing, Rows, Then};

use crate::error::Result;
use crate::sql::RowValues;
use crate::table::ColumnInfo;
use crate::value::{Encoded, Value};

/// The values that a row writes, beside their columns.
fn row_values(
    mut columns: impl Iterator<Item = &'static ColumnInfo>,
    write: impl FnOnce(&mut dyn FnMut(Encoded<'_>) -> Result<()>) -> Result<()>,
) -> Result<RowValues> {
    let mut row = RowValues::new();
    write(&mut |value| {
        row.extend(columns.next().map(|column| (column, value.into_value())));
        Ok(())
    })?;
    Ok(row)
}

/// The values of a row, each beside its column.
fn values(row: &RowValues) -> impl Iterator<Item = (&'static ColumnInfo, &Value)> {
    row.iter().map(|(column, value)| (*column, value))
}
