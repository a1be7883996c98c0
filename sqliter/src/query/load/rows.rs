//! Rows as structs that derive `Row`.

use std::marker::PhantomData;

use super::shape::{Load, Shape};
use super::{Entity, GivesRows, OneStatement};
use crate::engine;
use crate::error::Result;
use crate::model::Model;
use crate::row::{self, Row, RowColumns};
use crate::sql::ast::Selected;

/// The columns of another shape as a struct that derives [`Row`](crate::Row), by the names of its fields.
pub struct AsRow<S, R> {
    shape: S,
    /// The position of each field, known when the shape is prepared.
    positions: Vec<usize>,
    /// Of the other shape, known then too.
    width: usize,
    row: PhantomData<fn() -> R>,
}

impl<S, R> AsRow<S, R> {
    pub(crate) const fn of(shape: S) -> Self {
        Self { shape, positions: Vec::new(), width: 0, row: PhantomData }
    }
}

impl<S: Clone, R> Clone for AsRow<S, R> {
    fn clone(&self) -> Self {
        Self { shape: self.shape.clone(), positions: self.positions.clone(), width: self.width, row: PhantomData }
    }
}

impl<M, S: Shape<M>, R: Row> Shape<M> for AsRow<S, R> {
    type Cell = R;
    type Output = R;

    fn columns(&self, columns: &mut Vec<Selected>) {
        self.shape.columns(columns);
    }

    fn width(&self) -> usize {
        self.shape.width()
    }

    fn prepare(&mut self, columns: &[Selected], start: usize) -> Result<()> {
        let names: Vec<_> = columns.iter().map(Selected::name).collect();
        let mut wanted = Vec::with_capacity(R::WIDTH);
        R::columns(&mut RowColumns::new("", &mut wanted));
        let mut positions = row::positions(&wanted, &names, &Vec::new)?;
        positions.iter_mut().for_each(|position| *position += start);
        self.positions = positions;
        self.width = columns.len();
        Ok(())
    }

    fn decode(&self, row: &engine::RowRef<'_>, position: &mut usize) -> Result<R> {
        *position += self.width;
        R::decode(&row.at(&self.positions))
    }

    fn ready(&self, cell: R) -> Option<R> {
        Some(cell)
    }
}

impl<M: Model, S: Load<M>, R: Row> Load<M> for AsRow<S, R> {
    type Level = S::Level;
    type Parts = (Entity<M>,);
    type Items = ();
}

#[diagnostic::do_not_recommend]
impl<M: Model, S: GivesRows<M>, R: Row> GivesRows<M> for AsRow<S, R> {}

#[diagnostic::do_not_recommend]
impl<M, S: Shape<M>, R: Row> OneStatement<M> for AsRow<S, R> {}
