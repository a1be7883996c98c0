//! What a query gives for each row: the model with what is loaded beside it, chosen columns, or a dictionary.

use std::marker::PhantomData;
use std::sync::{Arc, OnceLock};

use crate::engine::{Connection, Row};
use crate::error::Result;
use crate::expr::ast::ColumnRef;
use crate::expr::{Column, Path, Reach};
use crate::model::Model;
use crate::value::{ColumnType, Heading, Record};

/// What a query loads, and as what.
pub trait Load: Clone + Send + Sync + 'static {
    /// What the statement of the query gives for each row.
    #[doc(hidden)]
    type Cell: Send + 'static;
    /// What each row becomes.
    type Output: Send + 'static;
    /// Whether further statements are needed.
    #[doc(hidden)]
    const DEFERRED: bool;

    /// Appends the columns that the statement selects.
    #[doc(hidden)]
    fn columns(&self, columns: &mut Vec<ColumnRef>);

    /// Reads a row, whose columns are those of [`columns`](Self::columns).
    #[doc(hidden)]
    fn decode(&self, columns: &[ColumnRef], row: &Row<'_>) -> Result<Self::Cell>;

    /// Runs the further statements.
    #[doc(hidden)]
    fn finish(&self, connection: &mut Connection, cells: Vec<Self::Cell>) -> Result<Vec<Self::Output>>;

    /// The rows, when no further statements are needed.
    #[doc(hidden)]
    fn ready(&self, cells: Vec<Self::Cell>) -> Option<Vec<Self::Output>>;
}

/// What the rows of an update or a deletion are loaded as: nothing less than whole rows.
#[diagnostic::on_unimplemented(
    message = "only a query that loads whole rows and nothing else can update or delete them",
    label = "loads chosen columns or related rows",
    note = "which rows are meant follows from `filter`, `order`, `limit` and `offset`: leave out what \
            chooses columns or loads relations"
)]
pub trait LoadsRows {}

impl<M> LoadsRows for crate::relation::Entity<M> {}

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
    type Cell = S::Output;
    type Output = S::Output;
    const DEFERRED: bool = false;

    fn columns(&self, columns: &mut Vec<ColumnRef>) {
        self.selection.push_onto(columns);
    }

    fn decode(&self, _: &[ColumnRef], row: &Row<'_>) -> Result<S::Output> {
        self.selection.decode(row, &mut 0)
    }

    fn finish(&self, _: &mut Connection, cells: Vec<S::Output>) -> Result<Vec<S::Output>> {
        Ok(cells)
    }

    fn ready(&self, cells: Vec<S::Output>) -> Option<Vec<S::Output>> {
        Some(cells)
    }
}

/// Columns to select: a column, or a tuple of up to sixteen. A column behind a nullable relation gives an `Option`.
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
    fn push_onto(&self, columns: &mut Vec<ColumnRef>);

    /// Reads the columns from a position on and moves it behind them.
    #[doc(hidden)]
    fn decode(&self, row: &Row<'_>, position: &mut usize) -> Result<Self::Output>;
}

#[diagnostic::do_not_recommend]
impl<P: Path, T: ColumnType> Selection<P::Root> for Column<P, T> {
    type Output = <P::Reach as Reach>::Of<T>;

    fn push_onto(&self, columns: &mut Vec<ColumnRef>) {
        columns.push(self.reference());
    }

    fn decode(&self, row: &Row<'_>, position: &mut usize) -> Result<Self::Output> {
        let value = row.get_column(P::Model::TABLE, self.info(), *position)?;
        *position += 1;
        Ok(value)
    }
}

macro_rules! tuples {
    ($($name:ident)+) => {
        #[diagnostic::do_not_recommend]
        impl<M, $($name: Selection<M>),+> Selection<M> for ($($name,)+) {
            type Output = ($($name::Output,)+);

            fn push_onto(&self, columns: &mut Vec<ColumnRef>) {
                #[expect(non_snake_case, reason = "the names of the types serve for the values")]
                let ($($name,)+) = self;
                $($name.push_onto(columns);)+
            }

            fn decode(&self, row: &Row<'_>, position: &mut usize) -> Result<Self::Output> {
                #[expect(non_snake_case, reason = "the names of the types serve for the values")]
                let ($($name,)+) = self;
                Ok(($($name.decode(row, position)?,)+))
            }
        }
    };
}

crate::tuples::each_tuple!(tuples);

/// What another load selects but the excluded columns, as a [`Record`].
pub struct Dictionary<M, L = crate::relation::Entity<M>> {
    load: L,
    excluded: Vec<&'static str>,
    /// What the records of the result share, made with the first of them.
    headings: OnceLock<Arc<[Heading]>>,
    model: PhantomData<fn() -> M>,
}

impl<M, L> Dictionary<M, L> {
    pub(crate) const fn of(load: L) -> Self {
        Self { load, excluded: Vec::new(), headings: OnceLock::new(), model: PhantomData }
    }

    pub(crate) fn exclude(&mut self, columns: impl IntoIterator<Item = ColumnRef>) {
        self.excluded.extend(columns.into_iter().map(|column| column.column.name));
    }
}

impl<M, L: Clone> Clone for Dictionary<M, L> {
    fn clone(&self) -> Self {
        Self { load: self.load.clone(), excluded: self.excluded.clone(), headings: OnceLock::new(), model: PhantomData }
    }
}

impl<M: Model, L: Load> Load for Dictionary<M, L> {
    type Cell = Record;
    type Output = Record;
    const DEFERRED: bool = false;

    fn columns(&self, columns: &mut Vec<ColumnRef>) {
        let mut selected = Vec::new();
        self.load.columns(&mut selected);
        for column in selected {
            let name = column.column.name;
            // A dictionary has a name once; the model's own columns come first.
            if !self.excluded.contains(&name) && columns.iter().all(|known| known.column.name != name) {
                columns.push(column);
            }
        }
    }

    fn decode(&self, columns: &[ColumnRef], row: &Row<'_>) -> Result<Record> {
        let headings = self.headings.get_or_init(|| columns.iter().map(|column| column.column.into()).collect());
        let values = columns
            .iter()
            .enumerate()
            .map(|(i, column)| row.owned(column.table(M::TABLE), column.column, i))
            .collect::<Result<_>>()?;
        Ok(Record::new(Arc::clone(headings), values))
    }

    fn finish(&self, _: &mut Connection, cells: Vec<Record>) -> Result<Vec<Record>> {
        Ok(cells)
    }

    fn ready(&self, cells: Vec<Record>) -> Option<Vec<Record>> {
        Some(cells)
    }
}
