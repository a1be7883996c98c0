//! What several chains give together.

use super::shape::{Load, Shape};
use super::{DistinctValues, Entity, Flat, GivesRows, Grouped, OneStatement, Projection};
use crate::engine::{Connection, RowRef};
use crate::error::Result;
use crate::expr::PerRow;
use crate::model::{Columns, Model};
use crate::sql::ast::{Derived, DerivedColumn, Expr, Selected};

/// Chains that can be taken together with others by `union_all` and the like: those of whole rows, of chosen values and of groups.
#[diagnostic::on_unimplemented(
    message = "what this query gives cannot be taken together with what another one gives",
    label = "loads related rows, a view or records",
    note = "queries of whole rows, of chosen values and of groups can be: `.fields(|b| (b.title, b.printed))`; load related rows of \
            the result by `fetch_related`"
)]
pub trait Unites<M>: Load<M> {
    /// What the result can be sorted by, as the closure of `order` gets it.
    type Keys;

    #[doc(hidden)]
    fn keys(&self) -> Self::Keys;
}

#[diagnostic::do_not_recommend]
impl<M: Model> Unites<M> for Entity<M> {
    type Keys = &'static M::Columns<M>;

    fn keys(&self) -> Self::Keys {
        M::Columns::<M>::COLUMNS
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model, S: Shape<M>> Unites<M> for Projection<M, S> {
    type Keys = S;

    fn keys(&self) -> S {
        self.values().clone()
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model, S: Unites<M>> Unites<M> for DistinctValues<S> {
    type Keys = S::Keys;

    fn keys(&self) -> S::Keys {
        self.values().keys()
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model, T: Flat<M>> Unites<M> for Grouped<M, T> {
    type Keys = T;

    fn keys(&self) -> T {
        self.items().clone()
    }
}

/// Holds when two queries give the same.
#[diagnostic::on_unimplemented(
    message = "combined queries must give the same, and these give `{T}` and `{Self}`",
    label = "gives `{Self}`",
    note = "choose values of the same types in each of them, in the same order: `.fields(|b| (b.title, b.printed))`",
    note = "what may be `NULL` in one of them is an `Option`, and must be one in the others too"
)]
pub trait SameRows<T> {}
impl<T> SameRows<T> for T {}

/// What several chains give together, read as the first of them would.
#[derive(Debug, Clone)]
pub struct United<S>(S);

impl<S> United<S> {
    pub(crate) const fn new(first: S) -> Self {
        Self(first)
    }

    pub(crate) const fn first(&self) -> &S {
        &self.0
    }
}

impl<M, S: Shape<M>> Shape<M> for United<S> {
    type Cell = S::Cell;
    type Output = S::Output;
    const DEFERRED: bool = S::DEFERRED;

    fn columns(&self, columns: &mut Vec<Selected>) {
        let mut first = Vec::new();
        self.0.columns(&mut first);
        columns.extend(first.into_iter().enumerate().map(|(position, column)| {
            let derived = DerivedColumn::United { position, first: column.expr.into() };
            Selected { expr: Expr::Derived(Box::new(Derived { column: derived })), ..column }
        }));
    }

    fn width(&self) -> usize {
        self.0.width()
    }

    fn prepare(&mut self, columns: &[Selected], start: usize) -> Result<()> {
        self.0.prepare(columns, start)
    }

    #[inline]
    fn decode(&self, row: &RowRef<'_>, position: &mut usize) -> Result<S::Cell> {
        self.0.decode(row, position)
    }

    #[inline]
    fn ready(&self, cell: S::Cell) -> Option<S::Output> {
        self.0.ready(cell)
    }

    fn finish(&self, connection: &mut Connection, cells: Vec<S::Cell>) -> Result<Vec<S::Output>> {
        self.0.finish(connection, cells)
    }
}

impl<M: Model, S: Shape<M>> Load<M> for United<S> {
    type Level = PerRow;
    type Parts = (Entity<M>,);
    type Items = ();
}

#[diagnostic::do_not_recommend]
impl<M: Model, S: Shape<M>> GivesRows<M> for United<S> {}

#[diagnostic::do_not_recommend]
impl<M, S: OneStatement<M>> OneStatement<M> for United<S> {}
