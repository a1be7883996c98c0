//! The columns by which a new row is found to be there already.

use super::OwnPath;
use crate::column::ColumnType;
use crate::error::{Error, Result};
use crate::expr::Column;
use crate::model::Path;
use crate::table::{ColumnInfo, TableInfo};

/// Columns that tell rows apart: a natural key, a unique column, or a tuple of all columns of a unique index in any
/// order. What the columns are is checked before anything runs.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not name columns that tell rows of `{M}` apart",
    label = "expected a unique column of `{M}`, or a tuple of columns",
    note = "write `|a| a.email` for a unique column, `|b| (b.title, b.author_id)` for the columns of a unique index; columns of related models cannot be named"
)]
pub trait UniqueColumns<M> {
    /// For the library.
    #[doc(hidden)]
    fn push_onto(self, columns: &mut Vec<&'static ColumnInfo>);
}

#[diagnostic::do_not_recommend]
impl<P: Path + OwnPath, T: ColumnType> UniqueColumns<P::Root> for Column<P, T> {
    fn push_onto(self, columns: &mut Vec<&'static ColumnInfo>) {
        let column = self.info();
        if columns.iter().all(|known| known.name != column.name) {
            columns.push(column);
        }
    }
}

macro_rules! tuples {
    ($($name:ident)+) => {
        impl<M, $($name: UniqueColumns<M>),+> UniqueColumns<M> for ($($name,)+) {
            fn push_onto(self, columns: &mut Vec<&'static ColumnInfo>) {
                #[expect(non_snake_case, reason = "the names of the types serve for the values")]
                let ($($name,)+) = self;
                $($name.push_onto(columns);)+
            }
        }
    };
}

crate::tuples::each_tuple!(tuples);

/// Whether the columns are unique among the rows alone that are not deleted softly.
pub(super) fn only_live(table: &'static TableInfo, columns: &[&'static ColumnInfo]) -> bool {
    let names: Vec<_> = columns.iter().map(|column| column.name).collect();
    let alone = matches!(columns, [column] if column.unique);
    let is_key = columns.len() == table.key.len() && table.key_columns().all(|column| names.contains(&column.name));
    let mut indexes = table.indexes.iter().filter(|index| index.tells_rows_apart(&names));
    !alone && !is_key && indexes.next().is_some_and(|index| index.live) && indexes.all(|index| index.live)
}

/// Whether a new row can meet another one in these columns, each named once.
pub(super) fn check(table: &'static TableInfo, columns: &[&'static ColumnInfo]) -> Result<()> {
    let named = |name: &str| columns.iter().any(|column| column.name == name);
    let refused = |reason: &str| {
        Err(Error::ConflictColumns {
            table: table.name.to_owned(),
            columns: columns.iter().map(|column| column.name.to_owned()).collect(),
            reason: reason.to_owned(),
        })
    };
    if table.auto_key && named(table.key_column().name) {
        return refused("SQLite chooses the key of a new row, so no other row has it");
    }
    let alone = matches!(columns, [column] if column.unique);
    let is_key = columns.len() == table.key.len() && table.key_columns().all(|column| named(column.name));
    let names: Vec<_> = columns.iter().map(|column| column.name).collect();
    if alone || is_key || table.indexes.iter().any(|index| index.tells_rows_apart(&names)) {
        return Ok(());
    }
    if table.indexes.iter().any(|index| index.unique && index.is_over(&names)) {
        return refused("the unique index over them has a WHERE, so rows outside of it may have the same values");
    }
    refused("they are neither the key, nor a unique column, nor all columns of a unique index")
}
