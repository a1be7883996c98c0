//! Whole rows of to-many relations beside the row that they are related to, by joins in the same statement.

use std::fmt;
use std::marker::PhantomData;

use super::shape::Shape;
use super::{Behind, Entity, OneStatement, Prefetch};
use crate::engine::RowRef;
use crate::error::Result;
use crate::expr::ToMany;
use crate::model::{AtMostOne, Many, Model, Path, Relation, Via};
use crate::sql::ast::Selected;
use crate::table::PathNode;

/// Related rows of a to-many relation that are joined to rows of the model `M`: what
/// [`join_related`](crate::Select::join_related), [`left_join_related`](crate::Select::left_join_related) and
/// [`with_first`](crate::Select::with_first) take.
#[diagnostic::on_unimplemented(
    message = "this is not a to-many relation that leads on from `{M}`",
    label = "takes one to-many relation",
    note = "write `.join_related(|a| a.books)`; which of the related rows is said by `filter`, `order` and `limit`: \
            `.with_first(|a| a.books.order(|b| b.printed.desc()))`",
    note = "a to-one relation is loaded by `select_related`: `.select_related(|b| b.author)`",
    note = "further relations of the related rows, as by `with`, are loaded by `prefetch_related`"
)]
pub trait RelatedRows<M> {
    /// Where the relation starts from.
    type From: Path<Root = M>;
    /// The relation.
    type Relation: Relation<Cardinality = Many>;

    #[doc(hidden)]
    fn into_rows(self) -> Prefetch<Self::Relation>;
}

#[diagnostic::do_not_recommend]
impl<M: Model, P: Path<Root = M>, R: Relation<Source = P::Model, Cardinality = Many>> RelatedRows<M> for ToMany<P, R> {
    type From = P;
    type Relation = R;

    fn into_rows(self) -> Prefetch<R> {
        Prefetch::new()
    }
}

#[diagnostic::do_not_recommend]
impl<M: Model, R: Relation<Source = M, Cardinality = Many>> RelatedRows<M> for Prefetch<R, Entity<R::Target>> {
    type From = M;
    type Relation = R;

    fn into_rows(self) -> Self {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<M, P, O, R> RelatedRows<M> for Behind<Via<P, O>, R, Entity<R::Target>>
where
    M: Model,
    P: Path<Root = M>,
    O: Relation,
    R: Relation<Source = O::Target, Cardinality = Many>,
{
    type From = Via<P, O>;
    type Relation = R;

    fn into_rows(self) -> Prefetch<R> {
        Self::into_rows(self)
    }
}

/// A row of the model `T` beside another one: with [`One`](crate::relation::One) as `C` it is there, with
/// [`Optional`](crate::relation::Optional) there may be none.
pub struct Related<T, C> {
    path: &'static PathNode,
    types: PhantomData<fn() -> (T, C)>,
}

impl<T, C> Related<T, C> {
    pub(crate) const fn new(path: &'static PathNode) -> Self {
        Self { path, types: PhantomData }
    }
}

impl<T, C> Clone for Related<T, C> {
    fn clone(&self) -> Self {
        Self::new(self.path)
    }
}

impl<T, C> fmt::Debug for Related<T, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Related({})", self.path.relation.name)
    }
}

impl<M, T: Model, C: AtMostOne> Shape<M> for Related<T, C> {
    type Cell = C::Of<T>;
    type Output = C::Of<T>;

    fn columns(&self, columns: &mut Vec<Selected>) {
        Selected::push_row(Some(self.path), T::TABLE, columns);
    }

    fn width(&self) -> usize {
        T::TABLE.columns.len()
    }

    #[inline]
    fn decode(&self, row: &RowRef<'_>, position: &mut usize) -> Result<Self::Cell> {
        let start = *position;
        *position += T::TABLE.columns.len();
        let is_missing = || T::TABLE.key.iter().any(|key| row.is_null(start + key));
        match C::absent() {
            Some(none) if is_missing() => Ok(none),
            _ => T::decode(&row.from(start)).map(C::present),
        }
    }

    #[inline]
    fn ready(&self, cell: Self::Cell) -> Option<Self::Output> {
        Some(cell)
    }
}

#[diagnostic::do_not_recommend]
impl<M, T: Model, C: AtMostOne> OneStatement<M> for Related<T, C> {}
