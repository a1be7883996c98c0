//! Columns and computed values.

use super::OneStatement;
use super::shape::Shape;
use crate::column::{ColumnType, Nullability, NullabilityOf};
use crate::engine::RowRef;
use crate::error::{Error, Result};
use crate::expr::{Aliased, Column, Computed, Condition, SqlValue};
use crate::model::{Model, Path};
use crate::sql::ast::{Expr, Selected};
use crate::table::PathNode;

/// What is reached behind a nullable relation is an `Option`.
impl<M, P: Path, T: ColumnType> Shape<M> for Column<P, T> {
    type Cell = Self::Output;
    type Output = <<P::Nullability as Nullability>::And<NullabilityOf<T>> as Nullability>::Of<T>;

    fn columns(&self, columns: &mut Vec<Selected>) {
        columns.push(Selected::new((*self).expr()));
    }

    fn width(&self) -> usize {
        1
    }

    #[inline]
    fn decode(&self, row: &RowRef<'_>, position: &mut usize) -> Result<Self::Cell> {
        let value = row.get_value(P::Model::TABLE.name, || self.column_name().to_owned(), *position);
        let value = value.map_err(|error| missing_on_the_way(row, *position, &(*self).expr()).unwrap_or(error))?;
        *position += 1;
        Ok(value)
    }

    #[inline]
    fn ready(&self, cell: Self::Cell) -> Option<Self::Output> {
        Some(cell)
    }
}

impl<M, N: Model, T: ColumnType, L: 'static> Shape<M> for Computed<N, T, L> {
    type Cell = T;
    type Output = T;

    fn columns(&self, columns: &mut Vec<Selected>) {
        columns.push(Selected::new(self.as_expr().clone()));
    }

    fn width(&self) -> usize {
        1
    }

    #[inline]
    fn decode(&self, row: &RowRef<'_>, position: &mut usize) -> Result<T> {
        let name = || Selected::new(self.as_expr().clone()).name().into_owned();
        let value = row.get_value(N::TABLE.name, name, *position);
        let value = value.map_err(|error| missing_on_the_way(row, *position, self.as_expr()).unwrap_or(error))?;
        *position += 1;
        Ok(value)
    }

    #[inline]
    fn ready(&self, cell: T) -> Option<T> {
        Some(cell)
    }
}

impl<M, N: Model, L: 'static> Shape<M> for Condition<N, L> {
    type Cell = bool;
    type Output = bool;

    fn columns(&self, columns: &mut Vec<Selected>) {
        columns.push(Selected::new(self.clone().expr()));
    }

    fn width(&self) -> usize {
        1
    }

    #[inline]
    fn decode(&self, row: &RowRef<'_>, position: &mut usize) -> Result<bool> {
        let value = row.get_value(N::TABLE.name, || "a condition".to_owned(), *position)?;
        *position += 1;
        Ok(value)
    }

    #[inline]
    fn ready(&self, cell: bool) -> Option<bool> {
        Some(cell)
    }
}

impl<M: Model, T: ColumnType> Shape<M> for SqlValue<T> {
    type Cell = T;
    type Output = T;

    fn columns(&self, columns: &mut Vec<Selected>) {
        columns.push(Selected::new(self.as_expr().clone()));
    }

    fn width(&self) -> usize {
        1
    }

    #[inline]
    fn decode(&self, row: &RowRef<'_>, position: &mut usize) -> Result<T> {
        let value = row.get_value("", || self.place(), *position)?;
        *position += 1;
        Ok(value)
    }

    #[inline]
    fn ready(&self, cell: T) -> Option<T> {
        Some(cell)
    }
}

impl<M, E: Shape<M>> Shape<M> for Aliased<E> {
    type Cell = E::Cell;
    type Output = E::Output;

    fn columns(&self, columns: &mut Vec<Selected>) {
        self.value.columns(columns);
        if let Some(last) = columns.last_mut() {
            last.alias = Some(self.name.clone());
        }
    }

    fn width(&self) -> usize {
        self.value.width()
    }

    #[inline]
    fn decode(&self, row: &RowRef<'_>, position: &mut usize) -> Result<E::Cell> {
        self.value.decode(row, position)
    }

    #[inline]
    fn ready(&self, cell: E::Cell) -> Option<E::Output> {
        self.value.ready(cell)
    }
}

#[diagnostic::do_not_recommend]
impl<M, P: Path, T: ColumnType> OneStatement<M> for Column<P, T> {}

#[diagnostic::do_not_recommend]
impl<M, N: Model, T: ColumnType, L: 'static> OneStatement<M> for Computed<N, T, L> {}

#[diagnostic::do_not_recommend]
impl<M, N: Model, L: 'static> OneStatement<M> for Condition<N, L> {}

#[diagnostic::do_not_recommend]
impl<M: Model, T: ColumnType> OneStatement<M> for SqlValue<T> {}

#[diagnostic::do_not_recommend]
impl<M, E: OneStatement<M>> OneStatement<M> for Aliased<E> {}

/// Why there is `NULL` where the type has none: a required key on the way to a column leads to no row.
#[cold]
fn missing_on_the_way(row: &RowRef<'_>, position: usize, expr: &Expr) -> Option<Error> {
    if !row.is_null(position) {
        return None;
    }
    let path = first_path(expr)?;
    let mut first = path;
    while let Some(before) = first.before {
        first = before;
    }
    Some(Error::missing_parent(first.relation, (path.relation.target)(), None))
}

/// The path of the first column that is one of a related row.
fn first_path(expr: &Expr) -> Option<&'static PathNode> {
    if let Expr::Column(reference) = expr {
        return reference.path;
    }
    let mut found = None;
    expr.each_part(&mut |part| found = found.or_else(|| first_path(part)));
    found
}
