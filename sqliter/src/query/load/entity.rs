//! Whole rows of a model.

use std::marker::PhantomData;

use super::shape::{Load, Shape};
use super::{Excludes, GivesRows, Groups, LoadsModels, LoadsRows, OneStatement, Records};
use crate::engine::RowRef;
use crate::error::Result;
use crate::expr::PerRow;
use crate::model::{Key, Model, ModelImpl, Path};
use crate::sql::ast::Selected;

/// The whole row at the end of a path; of a model, the row that the query is about.
pub struct Entity<P>(PhantomData<fn() -> P>);

impl<P> Entity<P> {
    pub(crate) const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<P> Clone for Entity<P> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P> Copy for Entity<P> {}

impl<P> std::fmt::Debug for Entity<P> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Entity")
    }
}

impl<P: Path> Shape<P::Model> for Entity<P> {
    type Cell = P::Model;
    type Output = P::Model;

    fn columns(&self, columns: &mut Vec<Selected>) {
        Selected::push_row(P::NODE, P::Model::TABLE, columns);
    }

    fn width(&self) -> usize {
        P::Model::TABLE.columns.len()
    }

    #[inline]
    fn decode(&self, row: &RowRef<'_>, position: &mut usize) -> Result<P::Model> {
        let start = *position;
        *position += P::Model::TABLE.columns.len();
        P::Model::decode(&row.from(start))
    }

    #[inline]
    fn ready(&self, cell: P::Model) -> Option<P::Model> {
        Some(cell)
    }
}

impl<M: Model> Load<M> for Entity<M> {
    type Level = PerRow;
    type Parts = (Self,);
    type Items = ();
}

#[diagnostic::do_not_recommend]
impl<M> LoadsRows for Entity<M> {}

#[diagnostic::do_not_recommend]
impl<M: Model> LoadsModels<M> for Entity<M> {
    fn into_parts(self) -> (Self,) {
        (self,)
    }

    fn key_of(row: &M) -> Key<M> {
        row.primary_key()
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model> Excludes<M> for Entity<M> {
    fn into_records(self) -> Records<M> {
        Records::of(self)
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model> Groups<M> for Entity<M> {
    fn into_items(self) {}
}

#[diagnostic::do_not_recommend]
impl<M: Model> GivesRows<M> for Entity<M> {}

#[diagnostic::do_not_recommend]
impl<P: Path> OneStatement<P::Model> for Entity<P> {}
