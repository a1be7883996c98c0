//! Aggregates: functions of all rows of a group.

use std::marker::PhantomData;

use super::{
    Column, Computed, Condition, HoldsAmounts, HoldsComparable, HoldsNumbers, HoldsText, OfGroups, OfRows, PerGroup,
};
use crate::column::ColumnType;
use crate::column::kind::{InTime, Kind};
use crate::model::Path;
use crate::sql::ast::{Aggregate, AggregateFunction, Expr, Nested};

/// The type of a sum: `i64`, `f64`, `Decimal` or a duration.
type Number<T> = <<T as ColumnType>::Kind as Kind>::Number;

/// The type of an average: `f64` or a duration.
type Average<T> = <<T as ColumnType>::Kind as Kind>::Average;

/// The number of rows of each group: `COUNT(*)`.
///
/// Without `group_by`, all rows are one group.
pub fn count<M>() -> Computed<M, i64, PerGroup> {
    aggregate(AggregateFunction::Count, None, false)
}

fn aggregate<M, T>(function: AggregateFunction, value: Option<Expr>, distinct: bool) -> Computed<M, T, PerGroup> {
    let value = value.map(Nested::new);
    Computed::new(Expr::Aggregate(Box::new(Aggregate { function, value, distinct, filter: None })))
}

macro_rules! aggregates {
    ($root:ty, [$($bound:tt)*], $distinct:expr) => {
        /// The number of values that are not `NULL`.
        pub fn count(self) -> Computed<$root, i64, PerGroup>
        where
            $($bound)*
        {
            aggregate(AggregateFunction::Count, Some(self.expr()), $distinct)
        }

        /// The sum; `NULL` without values. A sum of whole or decimal numbers that is outside of the range of its type is
        /// an error. A sum of durations is a duration, exact.
        pub fn sum(self) -> Computed<$root, Option<Number<T>>, PerGroup>
        where
            T: HoldsAmounts,
            $($bound)*
        {
            let function = match (<T::Kind as Kind>::IS_DECIMAL, <T::Kind as Kind>::IN_TIME) {
                (true, _) => AggregateFunction::DecimalSum,
                (false, InTime::Duration) => AggregateFunction::DurationSum,
                (false, InTime::None | InTime::Moment) => AggregateFunction::Sum,
            };
            aggregate(function, Some(self.expr()), $distinct)
        }

        /// The sum as a floating-point number; 0 without values.
        pub fn total(self) -> Computed<$root, f64, PerGroup>
        where
            T: HoldsNumbers,
            $($bound)*
        {
            aggregate(AggregateFunction::Total, Some(self.expr()), $distinct)
        }

        /// The average, as a floating-point number; `NULL` without values. Of durations it is a duration, to the nearest
        /// nanosecond.
        pub fn avg(self) -> Computed<$root, Option<Average<T>>, PerGroup>
        where
            T: HoldsAmounts,
            $($bound)*
        {
            let function = match <T::Kind as Kind>::IN_TIME {
                InTime::Duration => AggregateFunction::DurationAverage,
                InTime::None | InTime::Moment => AggregateFunction::Average,
            };
            aggregate(function, Some(self.expr()), $distinct)
        }

        /// The smallest value; `NULL` without values.
        pub fn min(self) -> Computed<$root, Option<T::Inner>, PerGroup>
        where
            T: HoldsComparable,
            $($bound)*
        {
            aggregate(AggregateFunction::Minimum, Some(self.expr()), $distinct)
        }

        /// The largest value; `NULL` without values.
        pub fn max(self) -> Computed<$root, Option<T::Inner>, PerGroup>
        where
            T: HoldsComparable,
            $($bound)*
        {
            aggregate(AggregateFunction::Maximum, Some(self.expr()), $distinct)
        }
    };
    ($root:ty, [$($bound:tt)*]) => {
        aggregates!($root, [$($bound)*], false);

        /// The texts one after another with the separator between them, in no particular order; `NULL` without values.
        pub fn group_concat(self, separator: impl Into<String>) -> Computed<$root, Option<String>, PerGroup>
        where
            T: HoldsText,
            $($bound)*
        {
            aggregate(AggregateFunction::Concatenate(Some(separator.into())), Some(self.expr()), false)
        }

        /// Each value once, for an aggregate: `s.customer_id.distinct().count()`.
        pub fn distinct(self) -> Distinct<$root, T>
        where
            $($bound)*
        {
            Distinct { expr: self.expr(), types: PhantomData }
        }
    };
}

/// Aggregates of the values that the rows of a group have. `NULL` does not count.
impl<P: Path, T: ColumnType> Column<P, T> {
    aggregates!(P::Root, []);
}

/// Aggregates, as those of columns.
impl<M, T: ColumnType, L> Computed<M, T, L> {
    aggregates!(M, [L: OfRows,]);

    /// Takes only the rows that meet the condition into its aggregates: `count().filter(b.pages.gt(300))`.
    pub fn filter(self, condition: Condition<M>) -> Self
    where
        L: OfGroups,
    {
        Self::new(restricted(self.expr(), &condition.into_expr()))
    }
}

/// The different values of a group, for an aggregate.
#[derive(Debug)]
#[must_use = "different values are for an aggregate: `.distinct().count()`"]
pub struct Distinct<M, T> {
    expr: Expr,
    types: PhantomData<fn() -> (M, T)>,
}

impl<M, T> Distinct<M, T> {
    fn expr(self) -> Expr {
        self.expr
    }
}

/// Aggregates of the different values.
impl<M, T: ColumnType> Distinct<M, T> {
    aggregates!(M, [], true);

    /// The texts one after another with a comma between them, the only separator that SQLite has for this, in no
    /// certain order; `NULL` without values.
    pub fn group_concat(self) -> Computed<M, Option<String>, PerGroup>
    where
        T: HoldsText,
    {
        aggregate(AggregateFunction::Concatenate(None), Some(self.expr), true)
    }
}

/// With the condition on all aggregates of the expression.
fn restricted(expr: Expr, condition: &Expr) -> Expr {
    let Expr::Aggregate(mut aggregate) = expr else {
        return expr.with_parts(&mut |part| restricted(part, condition));
    };
    aggregate.filter = Some(Nested::new(match aggregate.filter.take() {
        Some(before) => before.into_inner().and(condition.clone()),
        None => condition.clone(),
    }));
    Expr::Aggregate(aggregate)
}
