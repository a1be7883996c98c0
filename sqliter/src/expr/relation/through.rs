//! Rows that several to-many relations after one another lead to, for their number and other aggregates.

use std::fmt;
use std::marker::PhantomData;

use super::ToMany;
use crate::column::ColumnType;
use crate::expr::{Computed, Filter, PerGroup, SameQuery, StartsFrom, count};
use crate::model::{Columns, Many, Model, Path, Relation};
use crate::sql::ast::{Expr, Hop, Nested};
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
        Self { hops: vec![Hop { path, relation, condition: None }], distinct: false, types: PhantomData }
    }

    /// The rows related to these.
    pub fn then<Q: Path + StartsFrom<T>, S: Relation<Source = Q::Model, Cardinality = Many>>(
        mut self,
        next: impl FnOnce(&T::Columns<T>) -> ToMany<Q, S>,
    ) -> Hops<M, S::Target> {
        next(T::Columns::<T>::COLUMNS);
        self.hops.push(Hop { path: Q::NODE, relation: S::INFO, condition: None });
        Hops { hops: self.hops, distinct: self.distinct, types: PhantomData }
    }

    /// Those of the rows that meet the condition.
    pub fn matching<C: Filter<T>>(mut self, condition: impl FnOnce(&T::Columns<T>) -> C) -> Self {
        let condition = condition(T::Columns::<T>::COLUMNS).into_condition().into_expr();
        if let Some(last) = self.hops.last_mut() {
            last.condition = Some(Nested::new(match last.condition.take() {
                Some(before) => before.into_inner().and(condition),
                None => condition,
            }));
        }
        self
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
impl<M, P: Path, R: Relation<Cardinality = Many>> Counted<M> for ToMany<P, R>
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
