//! What groups of rows give.

use std::marker::PhantomData;

use super::shape::{Load, Shape};
use super::{Entity, Flat, Groups, HasGroups, OneStatement};
use crate::engine::{Connection, RowRef};
use crate::error::Result;
use crate::expr::PerGroup;
use crate::model::Model;
use crate::sql::ast::Selected;

/// What the rows are grouped by, and aggregates of the groups.
pub struct Grouped<M, T> {
    items: T,
    model: PhantomData<fn() -> M>,
}

impl<M, T> Grouped<M, T> {
    pub(crate) const fn new(items: T) -> Self {
        Self { items, model: PhantomData }
    }

    pub(crate) const fn items(&self) -> &T {
        &self.items
    }
}

impl<M, T: Clone> Clone for Grouped<M, T> {
    fn clone(&self) -> Self {
        Self::new(self.items.clone())
    }
}

impl<M: Model, T: Flat<M>> Shape<M> for Grouped<M, T> {
    type Cell = T::Cell;
    type Output = T::Flat;
    const DEFERRED: bool = T::DEFERRED;

    fn columns(&self, columns: &mut Vec<Selected>) {
        self.items.columns(columns);
    }

    fn width(&self) -> usize {
        self.items.width()
    }

    fn prepare(&mut self, columns: &[Selected], start: usize) -> Result<()> {
        self.items.prepare(columns, start)
    }

    #[inline]
    fn decode(&self, row: &RowRef<'_>, position: &mut usize) -> Result<T::Cell> {
        self.items.decode(row, position)
    }

    #[inline]
    fn ready(&self, cell: T::Cell) -> Option<T::Flat> {
        self.items.ready(cell).map(T::flat)
    }

    fn finish(&self, connection: &mut Connection, cells: Vec<T::Cell>) -> Result<Vec<T::Flat>> {
        Ok(self.items.finish(connection, cells)?.into_iter().map(T::flat).collect())
    }
}

impl<M: Model, T: Flat<M>> Load<M> for Grouped<M, T> {
    type Level = PerGroup;
    type Parts = (Entity<M>,);
    type Items = T;
}

#[diagnostic::do_not_recommend]
impl<M: Model, T: Flat<M>> Groups<M> for Grouped<M, T> {
    fn into_items(self) -> T {
        self.items
    }
}

#[diagnostic::do_not_recommend]
impl<M, T> HasGroups for Grouped<M, T> {}

#[diagnostic::do_not_recommend]
impl<M: Model, T: Flat<M> + OneStatement<M>> OneStatement<M> for Grouped<M, T> {}
