//! What a query gives for each row: the model, chosen columns, or a dictionary.

use std::marker::PhantomData;

use crate::engine::Row;
use crate::error::Result;
use crate::expr::{Column, Path};
use crate::model::{ColumnInfo, Model, TableInfo};
use crate::value::{ColumnType, Record};

/// What a query loads, and as what.
pub trait Load: Clone + Send + Sync + 'static {
    /// What each row becomes.
    type Output: Send + 'static;

    /// The columns that the statement selects.
    #[doc(hidden)]
    fn columns(&self, table: &'static TableInfo) -> Vec<&'static ColumnInfo>;

    /// The row, whose columns are those of [`columns`](Self::columns).
    #[doc(hidden)]
    fn decode(&self, table: &'static TableInfo, columns: &[&'static ColumnInfo], row: &Row<'_>)
    -> Result<Self::Output>;
}

/// The model itself.
pub struct Whole<M>(PhantomData<fn() -> M>);

impl<M> Whole<M> {
    pub(crate) const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<M> Clone for Whole<M> {
    fn clone(&self) -> Self {
        Self::new()
    }
}

impl<M: Model> Load for Whole<M> {
    type Output = M;

    fn columns(&self, table: &'static TableInfo) -> Vec<&'static ColumnInfo> {
        table.columns.iter().collect()
    }

    fn decode(&self, _: &'static TableInfo, _: &[&'static ColumnInfo], row: &Row<'_>) -> Result<M> {
        M::decode(row)
    }
}

/// What the rows of an update or a deletion are loaded as: nothing less than whole rows.
#[diagnostic::on_unimplemented(
    message = "only a query for whole rows can update or delete them",
    label = "loads something else than whole rows",
    note = "which rows are meant follows from `filter`, `order`, `limit` and `offset`: leave `only`, `fields` and the like out"
)]
pub trait LoadsRows {}

impl<M> LoadsRows for Whole<M> {}

/// Chosen columns, as a value or a tuple.
pub struct Projection<M, S> {
    selection: S,
    model: PhantomData<fn() -> M>,
}

impl<M, S> Projection<M, S> {
    pub(crate) const fn new(selection: S) -> Self {
        Self { selection, model: PhantomData }
    }
}

impl<M, S: Clone> Clone for Projection<M, S> {
    fn clone(&self) -> Self {
        Self::new(self.selection.clone())
    }
}

impl<M: Model, S: Selection<M>> Load for Projection<M, S> {
    type Output = S::Output;

    fn columns(&self, _: &'static TableInfo) -> Vec<&'static ColumnInfo> {
        let mut columns = Vec::new();
        self.selection.push_onto(&mut columns);
        columns
    }

    fn decode(&self, table: &'static TableInfo, _: &[&'static ColumnInfo], row: &Row<'_>) -> Result<S::Output> {
        self.selection.decode(table, row, &mut 0)
    }
}

/// Columns to select: a column, or a tuple of up to sixteen.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a selection of columns of `{M}`",
    label = "expected a column or a tuple of columns",
    note = "write `.only(|b| b.title)` for one column, `.fields(|b| (b.title, b.pages))` for several"
)]
pub trait Selection<M>: Clone + Send + Sync + 'static {
    /// What the columns hold: a value, or a tuple of values.
    type Output: Send + 'static;

    /// Appends the columns.
    #[doc(hidden)]
    fn push_onto(&self, columns: &mut Vec<&'static ColumnInfo>);

    /// Reads the columns from a position on and moves it behind them.
    #[doc(hidden)]
    fn decode(&self, table: &'static TableInfo, row: &Row<'_>, position: &mut usize) -> Result<Self::Output>;
}

#[diagnostic::do_not_recommend]
impl<P: Path, T: ColumnType> Selection<P::Root> for Column<P, T> {
    type Output = T;

    fn push_onto(&self, columns: &mut Vec<&'static ColumnInfo>) {
        columns.push(self.info());
    }

    fn decode(&self, table: &'static TableInfo, row: &Row<'_>, position: &mut usize) -> Result<T> {
        let value = row.get_column(table, self.info(), *position)?;
        *position += 1;
        Ok(value)
    }
}

macro_rules! tuples {
    ($($name:ident)+) => {
        #[diagnostic::do_not_recommend]
        impl<M, $($name: Selection<M>),+> Selection<M> for ($($name,)+) {
            type Output = ($($name::Output,)+);

            fn push_onto(&self, columns: &mut Vec<&'static ColumnInfo>) {
                #[expect(non_snake_case, reason = "the names of the types serve for the values")]
                let ($($name,)+) = self;
                $($name.push_onto(columns);)+
            }

            fn decode(
                &self,
                table: &'static TableInfo,
                row: &Row<'_>,
                position: &mut usize,
            ) -> Result<Self::Output> {
                #[expect(non_snake_case, reason = "the names of the types serve for the values")]
                let ($($name,)+) = self;
                Ok(($($name.decode(table, row, position)?,)+))
            }
        }
    };
}

crate::tuples::each_tuple!(tuples);

/// The columns of the model but the excluded ones, as a [`Record`].
#[derive(Clone, Default)]
pub struct Dictionary {
    excluded: Vec<&'static str>,
}

impl Dictionary {
    pub(crate) fn exclude(&mut self, columns: impl IntoIterator<Item = &'static ColumnInfo>) {
        self.excluded.extend(columns.into_iter().map(|column| column.name));
    }
}

impl Load for Dictionary {
    type Output = Record;

    fn columns(&self, table: &'static TableInfo) -> Vec<&'static ColumnInfo> {
        table.columns.iter().filter(|column| !self.excluded.contains(&column.name)).collect()
    }

    fn decode(&self, table: &'static TableInfo, columns: &[&'static ColumnInfo], row: &Row<'_>) -> Result<Record> {
        record(table, columns, row)
    }
}

/// A row as a dictionary of the columns.
pub(crate) fn record(table: &'static TableInfo, columns: &[&'static ColumnInfo], row: &Row<'_>) -> Result<Record> {
    let entries = columns
        .iter()
        .enumerate()
        .map(|(i, column)| row.owned(table, column, i).map(|value| (column.name, value)))
        .collect::<Result<_>>()?;
    Ok(Record::new(entries))
}
