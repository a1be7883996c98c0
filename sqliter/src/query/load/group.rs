//! Embedded structs by themselves.

use super::OneStatement;
use super::shape::Shape;
use crate::column::{Nullable, Required};
use crate::engine::RowRef;
use crate::error::Result;
use crate::expr::Group;
use crate::model::{At, Embedded, Model, Path};
use crate::sql::ast::Selected;

/// What an embedded struct of type `T` is read as: behind a nullable relation, or in another one that may be `NULL`, an `Option`.
pub trait ReadsGroup<T> {
    /// What it is read as.
    type Output: Embedded + Send;
}

impl<T: Embedded + Send> ReadsGroup<T> for Required {
    type Output = T;
}

impl<T: Embedded> ReadsGroup<T> for Nullable {
    type Output = Option<T::Embed>;
}

impl<M, P, T, A> Shape<M> for Group<P, T, A>
where
    P: Path<Nullability: ReadsGroup<T>>,
    T: Embedded,
    A: At<P::Model>,
{
    type Cell = Self::Output;
    type Output = <P::Nullability as ReadsGroup<T>>::Output;

    fn columns(&self, columns: &mut Vec<Selected>) {
        columns.extend(self.exprs().map(Selected::new));
    }

    fn width(&self) -> usize {
        T::CODEC.width()
    }

    #[inline]
    fn decode(&self, row: &RowRef<'_>, position: &mut usize) -> Result<Self::Cell> {
        let start = *position;
        *position += T::CODEC.width();
        Self::Output::CODEC.decode(&row.from(start), P::Model::TABLE, A::START)
    }

    #[inline]
    fn ready(&self, cell: Self::Cell) -> Option<Self::Output> {
        Some(cell)
    }
}

#[diagnostic::do_not_recommend]
impl<M, P, T, A> OneStatement<M> for Group<P, T, A>
where
    P: Path<Nullability: ReadsGroup<T>>,
    T: Embedded,
    A: At<P::Model>,
{
}
