//! To-many relations as fields of the columns that closures get.

use std::fmt;
use std::marker::PhantomData;

use super::{AggregateOf, Hops};
use crate::expr::{Computed, Condition, Filter, StartsFrom};
use crate::model::{Columns, Many, Model, PairsWith, Path, Rel, Relation, RelationOf};
use crate::sql::ast::{Expr, RelatedTest};
use crate::table::RelationInfo;

/// A to-many relation of a query, reached by the path `P`.
///
/// As there are many related rows, it has no columns of its own: `a.books.any(|b| b.title.eq("Emma"))` asks for a related
/// row, `a.books.count()` and `a.books.aggregate(|b| b.pages.sum())` are values of all of them.
pub struct ToMany<P, R>(PhantomData<fn() -> (P, R)>);

impl<P, R> ToMany<P, R> {
    /// For generated code.
    #[doc(hidden)]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<P, R> Clone for ToMany<P, R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<P, R> Copy for ToMany<P, R> {}

impl<P, R> Default for ToMany<P, R> {
    fn default() -> Self {
        Self::new()
    }
}

impl<P, R: Relation> fmt::Debug for ToMany<P, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ToMany({})", R::INFO.name)
    }
}

/// The columns of the related model, as the closures of these methods get them.
pub(crate) type TargetColumns<R> = <<R as Relation>::Target as Model>::Columns<<R as Relation>::Target>;

/// Conditions on the related rows.
impl<P: Path, R: Relation<Cardinality = Many>> ToMany<P, R> {
    /// Whether a related row meets the condition.
    pub fn any<C: Filter<R::Target>>(self, condition: impl FnOnce(&TargetColumns<R>) -> C) -> Condition<P::Root> {
        self.test(RelatedTest::Any, condition)
    }

    /// Whether no related row meets the condition; true when there are none.
    pub fn none<C: Filter<R::Target>>(self, condition: impl FnOnce(&TargetColumns<R>) -> C) -> Condition<P::Root> {
        self.test(RelatedTest::None, condition)
    }

    /// Whether all related rows meet the condition; true when there are none.
    pub fn all<C: Filter<R::Target>>(self, condition: impl FnOnce(&TargetColumns<R>) -> C) -> Condition<P::Root> {
        self.test(RelatedTest::All, condition)
    }

    /// The number of related rows.
    pub fn count(self) -> Computed<P::Root, i64> {
        self.hops().count()
    }

    /// An aggregate of the related rows: `a.books.aggregate(|b| b.pages.sum())`.
    pub fn aggregate<A: AggregateOf<R::Target>>(
        self,
        value: impl FnOnce(&TargetColumns<R>) -> A,
    ) -> Computed<P::Root, A::Value> {
        self.hops().aggregate(value)
    }

    /// The rows related to the related rows: `a.books.then(|b| b.tags)`.
    pub fn then<Q: Path + StartsFrom<R::Target>, S: Relation<Source = Q::Model, Cardinality = Many>>(
        self,
        next: impl FnOnce(&TargetColumns<R>) -> ToMany<Q, S>,
    ) -> Hops<P::Root, S::Target> {
        self.hops().then(next)
    }

    pub(super) fn hops(self) -> Hops<P::Root, R::Target> {
        Hops::new(P::NODE, R::INFO)
    }

    fn test<C: Filter<R::Target>>(
        self,
        test: RelatedTest,
        condition: impl FnOnce(&TargetColumns<R>) -> C,
    ) -> Condition<P::Root> {
        let condition = condition(TargetColumns::<R>::COLUMNS).into_condition().into_expr().into();
        Condition::new(Expr::Related { path: P::NODE, relation: R::INFO, condition, test })
    }
}

#[diagnostic::do_not_recommend]
impl<M: RelationOf<T, N>, T: Model, const N: usize> PairsWith<T> for ToMany<M, Rel<M, T, N>> {
    const INFO: &'static RelationInfo = <M as RelationOf<T, N>>::INFO;
}
