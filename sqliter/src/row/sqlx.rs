//! Models from rows that sqlx has fetched.

use sqlx::sqlite::SqliteRow;
use sqlx::{ColumnIndex, Error as SqlxError};

use crate::engine::RowRef;
use crate::error::Error;
use crate::model::Model;

/// A model from a row of sqlx, by the names of its columns.
///
/// # Errors
///
/// [`ColumnNotFound`](SqlxError::ColumnNotFound), or [`ColumnDecode`](SqlxError::ColumnDecode) when a stored value does
/// not fit its field.
pub fn from_sqlx_row<M: Model>(row: &SqliteRow) -> Result<M, SqlxError> {
    let positions = M::TABLE.columns.iter().map(|column| ColumnIndex::index(&column.name, row));
    let positions = positions.collect::<Result<Vec<_>, _>>()?;
    M::decode(&RowRef::fetched(row).at(&positions)).map_err(|error| match &error {
        Error::Decode { column, .. } => {
            SqlxError::ColumnDecode { index: format!("{column:?}"), source: Box::new(error) }
        }
        _ => SqlxError::Decode(Box::new(error)),
    })
}
