//! To-many relations as fields of the columns that closures get.

use std::fmt;
use std::marker::PhantomData;

use super::{Many, PartSet, Prefetch, Relation};
use crate::expr::ast::{Comparison, Expr, RelatedTest};
use crate::expr::{Condition, Order, Orders, Path};
use crate::model::{Columns, Model};
use crate::value::{IntoValue, Value};

/// A to-many relation of a query, reached by the path `P`.
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
type Related<R> = <<R as Relation>::Target as Model>::Columns<<R as Relation>::Target>;

/// Conditions on the related rows.
impl<P: Path, R: Relation<Arity = Many>> ToMany<P, R> {
    /// Whether a related row meets the condition.
    pub fn any(self, condition: impl FnOnce(&Related<R>) -> Condition<R::Target>) -> Condition<P::Root> {
        self.test(RelatedTest::Any, Some(condition))
    }

    /// Whether no related row meets the condition; true when there are none.
    pub fn none(self, condition: impl FnOnce(&Related<R>) -> Condition<R::Target>) -> Condition<P::Root> {
        self.test(RelatedTest::None, Some(condition))
    }

    /// Whether all related rows meet the condition; true when there are none.
    pub fn all(self, condition: impl FnOnce(&Related<R>) -> Condition<R::Target>) -> Condition<P::Root> {
        self.test(RelatedTest::All, Some(condition))
    }

    /// The number of related rows, to compare or to sort by.
    pub fn count(self) -> RelatedCount<P::Root> {
        let expr = Expr::Related { path: P::NODE, relation: R::INFO, condition: None, test: RelatedTest::Count };
        RelatedCount { expr, root: PhantomData }
    }

    fn test(
        self,
        test: RelatedTest,
        condition: Option<impl FnOnce(&Related<R>) -> Condition<R::Target>>,
    ) -> Condition<P::Root> {
        let condition = condition.map(|condition| Box::new(condition(Related::<R>::COLUMNS).into_expr()));
        Condition::new(Expr::Related { path: P::NODE, relation: R::INFO, condition, test })
    }
}

/// What `prefetch_related` loads.
impl<M: Model, R: Relation<Source = M, Arity = Many>> ToMany<M, R> {
    /// Loads further relations of the related rows: `a.books.with(|b| b.tags)`.
    pub fn with<S: PartSet<R::Target>>(self, further: impl FnOnce(&Related<R>) -> S) -> Prefetch<R, S::Tuple> {
        Prefetch::new().with(further)
    }

    /// Loads only the related rows that meet the condition.
    pub fn filter(self, condition: impl FnOnce(&Related<R>) -> Condition<R::Target>) -> Prefetch<R> {
        Prefetch::new().filter(condition)
    }

    /// Loads the related rows in this order; without one, in the order of their keys.
    pub fn order<O: Orders<R::Target>>(self, keys: impl FnOnce(&Related<R>) -> O) -> Prefetch<R> {
        Prefetch::new().order(keys)
    }

    /// Loads at most this many related rows of each row.
    pub fn limit(self, rows: u64) -> Prefetch<R> {
        Prefetch::new().limit(rows)
    }
}

/// The number of related rows, in a query over the model `M`.
#[derive(Debug)]
pub struct RelatedCount<M> {
    expr: Expr,
    root: PhantomData<fn() -> M>,
}

impl<M> Clone for RelatedCount<M> {
    fn clone(&self) -> Self {
        Self { expr: self.expr.clone(), root: PhantomData }
    }
}

macro_rules! comparisons {
    ($($(#[$doc:meta])* $name:ident => $operator:ident;)*) => {$(
        $(#[$doc])*
        pub fn $name(self, number: impl IntoValue<i64>) -> Condition<M> {
            let right = number.into_value().map_or(Expr::Value(Value::Null), Expr::Value);
            Condition::new(Expr::Compare {
                left: Box::new(self.expr),
                operator: Comparison::$operator,
                right: Box::new(right),
            })
        }
    )*};
}

impl<M> RelatedCount<M> {
    comparisons! {
        /// `=`.
        eq => Equal;
        /// `<>`.
        ne => NotEqual;
        /// `<`.
        lt => Less;
        /// `<=`.
        le => LessOrEqual;
        /// `>`.
        gt => Greater;
        /// `>=`.
        ge => GreaterOrEqual;
    }

    /// Fewest first.
    pub fn asc(self) -> Order<M> {
        Order::new(self.expr, false)
    }

    /// Most first.
    pub fn desc(self) -> Order<M> {
        Order::new(self.expr, true)
    }
}
