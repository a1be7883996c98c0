//! Rows that several to-many relations after one another lead to, for their number and other aggregates.

use std::fmt;
use std::marker::PhantomData;

use super::parts::{JoinedPart, Part};
use super::{Many, Relation, ToMany};
use crate::column::ColumnType;
use crate::engine::{Connection, Row};
use crate::error::Result;
use crate::expr::{Aliased, Column, Computed, PerGroup, SameQuery, StartsFrom, count};
use crate::model::{Columns, Model, Path};
use crate::query::Item;
use crate::sql::ast::{Expr, Hop, Selected};
use crate::table::{PathNode, RelationInfo};

/// The rows of `T` that to-many relations lead to from each row of `M`, from [`ToMany::then`]. A row counts as often as
/// there are ways to it, unless [`distinct`](Self::distinct) says otherwise.
#[must_use = "relations are counted by `with_count`, or by `.count()`"]
pub struct Hops<M, T> {
    hops: Vec<Hop>,
    distinct: bool,
    types: PhantomData<fn() -> (M, T)>,
}

impl<M, T> Clone for Hops<M, T> {
    fn clone(&self) -> Self {
        Self { hops: self.hops.clone(), distinct: self.distinct, types: PhantomData }
    }
}

impl<M, T> fmt::Debug for Hops<M, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.hops.iter().map(|hop| hop.relation.name)).finish()
    }
}

impl<M, T: Model> Hops<M, T> {
    pub(super) fn new(path: Option<&'static PathNode>, relation: &'static RelationInfo) -> Self {
        Self { hops: vec![Hop { path, relation }], distinct: false, types: PhantomData }
    }

    /// The rows related to these.
    pub fn then<Q: Path + StartsFrom<T>, S: Relation<Source = Q::Model, Arity = Many>>(
        mut self,
        next: impl FnOnce(&T::Columns<T>) -> ToMany<Q, S>,
    ) -> Hops<M, S::Target> {
        next(T::Columns::<T>::COLUMNS);
        self.hops.push(Hop { path: Q::NODE, relation: S::INFO });
        Hops { hops: self.hops, distinct: self.distinct, types: PhantomData }
    }

    /// Each row once, however many ways lead to it.
    pub fn distinct(mut self) -> Self {
        self.distinct = true;
        self
    }

    /// The number of the rows.
    pub fn count(self) -> Computed<M, i64> {
        self.aggregate(|_| count())
    }

    /// An aggregate of the rows.
    pub fn aggregate<A: AggregateOf<T>>(self, value: impl FnOnce(&T::Columns<T>) -> A) -> Computed<M, A::Value> {
        let value = value(T::Columns::<T>::COLUMNS).into_expr().into();
        Computed::new(Expr::RelatedValue { hops: self.hops, value, distinct: self.distinct })
    }
}

/// An aggregate of rows of the model `M`: what [`ToMany::aggregate`] takes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an aggregate of rows of `{M}`",
    label = "takes one aggregate of the related rows",
    note = "write `a.books.aggregate(|b| b.pages.sum())`, and a call of its own for each further aggregate"
)]
pub trait AggregateOf<M> {
    /// The type of its value.
    type Value: ColumnType;

    #[doc(hidden)]
    fn into_expr(self) -> Expr;
}

#[diagnostic::do_not_recommend]
impl<M, T: ColumnType> AggregateOf<M> for Computed<M, T, PerGroup> {
    type Value = T;

    fn into_expr(self) -> Expr {
        self.expr()
    }
}

/// What [`with_count`](crate::Select::with_count) counts for each row of the model `M`.
#[diagnostic::on_unimplemented(
    message = "this is not a to-many relation that leads on from `{M}`",
    label = "takes a to-many relation, over to-one relations or several to-many ones if need be",
    note = "write `.with_count(|a| a.books)`, `.with_count(|b| b.author.books)`, or \
            `.with_count(|a| a.books.then(|b| b.tags).distinct())`",
    note = "each count is a call of its own: `.with_count(|a| a.books).with_count(|a| a.edited)`",
    note = "a column or an aggregate of related rows is loaded beside each row by `with_values`"
)]
pub trait Counted<M> {
    #[doc(hidden)]
    fn counted(self) -> Computed<M, i64>;
}

#[diagnostic::do_not_recommend]
impl<M, P: Path, R: Relation<Arity = Many>> Counted<M> for ToMany<P, R>
where
    M: SameQuery<P::Root>,
{
    fn counted(self) -> Computed<M, i64> {
        Computed::new(self.count().expr())
    }
}

#[diagnostic::do_not_recommend]
impl<M, T: Model> Counted<M> for Hops<M, T> {
    fn counted(self) -> Computed<M, i64> {
        self.count()
    }
}

/// Values are loaded beside each row as they are selected.
macro_rules! value_part {
    ($([$($generics:tt)*] $root:ty, $value:ty;)*) => {$(
        impl<$($generics)*> Part<$root> for $value {
            type Cell = <Self as Item>::Output;
            type Output = <Self as Item>::Output;
            const DEFERRED: bool = false;

            fn columns(&self, columns: &mut Vec<Selected>) {
                self.push_onto(columns);
            }

            fn decode(&self, row: &Row<'_>, position: &mut usize) -> Result<Self::Cell> {
                Item::decode(self, row, position)
            }

            fn finish(&self, _: &mut Connection, cells: Vec<Self::Cell>) -> Result<Vec<Self::Cell>> {
                Ok(cells)
            }

            fn ready(cell: Self::Cell) -> Option<Self::Cell> {
                Some(cell)
            }
        }

        impl<$($generics)*> JoinedPart<$root> for $value {
            fn output(cell: Self::Cell) -> Self::Cell {
                cell
            }
        }
    )*};
}

value_part! {
    [P: Path, T: ColumnType] P::Root, Column<P, T>;
    [M: Model, T: ColumnType] M, Computed<M, T>;
    [M, E: Item] M, Aliased<E>;
}
