//! Chosen values instead of whole rows.

use std::marker::PhantomData;

use super::shape::{Load, Shape};
use super::{ChoosesValues, Entity, GivesRows, OneStatement};
use crate::engine::{Connection, RowRef};
use crate::error::Result;
use crate::expr::{PerGroup, PerRow};
use crate::model::Model;
use crate::sql::ast::Selected;

/// Chosen values, as a value or a tuple.
pub struct Projection<M, S> {
    values: S,
    model: PhantomData<fn() -> M>,
}

impl<M, S> Projection<M, S> {
    pub(crate) const fn new(values: S) -> Self {
        Self { values, model: PhantomData }
    }

    pub(crate) const fn values(&self) -> &S {
        &self.values
    }
}

impl<M, S: Clone> Clone for Projection<M, S> {
    fn clone(&self) -> Self {
        Self::new(self.values.clone())
    }
}

/// Each of these values, or each combination of them, once.
#[derive(Debug, Clone)]
pub struct DistinctValues<S>(S);

impl<S> DistinctValues<S> {
    pub(crate) const fn new(values: S) -> Self {
        Self(values)
    }

    pub(crate) const fn values(&self) -> &S {
        &self.0
    }
}

/// A shape that gives what another gives.
macro_rules! as_inner {
    ([$($generics:tt)*] $shape:ty, $inner:ty, $field:tt) => {
        impl<$($generics)*> Shape<M> for $shape {
            type Cell = <$inner as Shape<M>>::Cell;
            type Output = <$inner as Shape<M>>::Output;
            const DEFERRED: bool = <$inner as Shape<M>>::DEFERRED;

            fn columns(&self, columns: &mut Vec<Selected>) {
                self.$field.columns(columns);
            }

            fn width(&self) -> usize {
                self.$field.width()
            }

            fn prepare(&mut self, columns: &[Selected], start: usize) -> Result<()> {
                self.$field.prepare(columns, start)
            }

            #[inline]
            fn decode(&self, row: &RowRef<'_>, position: &mut usize) -> Result<Self::Cell> {
                self.$field.decode(row, position)
            }

            #[inline]
            fn ready(&self, cell: Self::Cell) -> Option<Self::Output> {
                self.$field.ready(cell)
            }

            fn finish(&self, connection: &mut Connection, cells: Vec<Self::Cell>) -> Result<Vec<Self::Output>> {
                self.$field.finish(connection, cells)
            }
        }
    };
}

as_inner!([M: Model, S: Shape<M>] Projection<M, S>, S, values);
as_inner!([M, S: Shape<M>] DistinctValues<S>, S, 0);

impl<M: Model, S: Shape<M>> Load<M> for Projection<M, S> {
    type Level = PerRow;
    type Parts = (Entity<M>,);
    type Items = ();
}

impl<M: Model, S: Shape<M>> Load<M> for DistinctValues<S> {
    type Level = PerGroup;
    type Parts = (Entity<M>,);
    type Items = ();
}

#[diagnostic::do_not_recommend]
impl<M, S> ChoosesValues for Projection<M, S> {}

#[diagnostic::do_not_recommend]
impl<M: Model, S: Shape<M>> GivesRows<M> for Projection<M, S> {}

#[diagnostic::do_not_recommend]
impl<M: Model, S: OneStatement<M>> OneStatement<M> for Projection<M, S> {}

#[diagnostic::do_not_recommend]
impl<M, S: OneStatement<M>> OneStatement<M> for DistinctValues<S> {}
