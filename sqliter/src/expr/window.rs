//! Values over windows: functions of the rows around each row, or of the groups around each group.

use std::marker::PhantomData;

use super::computed::Types;
use super::{
    Column, Computed, HoldsComparable, HoldsNumbers, InWindows, OfGroups, Operand, OverWindows, PerGroup, PerRow,
    PerWindow, Window,
};
use crate::column::{ColumnType, Nullability, kind::Kind};
use crate::model::Path;
use crate::sql::ast;
use crate::sql::ast::{Aggregate, AggregateFunction, Expr, Nested, Over, WindowFunction};

/// A window function without its window, of the type `T`: `.over(|w| …)` completes it.
#[derive(Debug, Clone)]
#[must_use = "a window function is complete with `.over(|w| …)`"]
pub struct UnfinishedWindow<M, T, L = PerRow> {
    function: WindowFunction,
    types: Types<(M, T, L)>,
}

impl<M, T, L> UnfinishedWindow<M, T, L> {
    const fn new(function: WindowFunction) -> Self {
        Self { function, types: PhantomData }
    }

    /// The function over this window, which the closure is given as one over all rows in no order: `|w| w` leaves it so.
    pub fn over(self, window: impl FnOnce(Window<M, L>) -> Window<M, L>) -> Computed<M, T, PerWindow<L>> {
        let over = window(Window::new()).into_over();
        Computed::new(Expr::Window(Box::new(ast::Window { function: self.function, over })))
    }
}

macro_rules! rankings {
    ($($(#[$doc:meta])* $name:ident: $type:ty = $function:ident;)*) => {$(
        $(#[$doc])*
        pub const fn $name<M, L>() -> UnfinishedWindow<M, $type, L> {
            UnfinishedWindow::new(WindowFunction::$function)
        }
    )*};
}

rankings! {
    /// The number of the row in its partition, from 1. Rows that are equal in the order of the window come in that of the
    /// primary key, groups in that of what they are grouped by.
    ///
    /// ```
    /// use sqliter::prelude::*;
    /// use sqliter::window::row_number;
    ///
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Sale { pk: Key<Sale>, region: String, amount: i64 }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_table::<Sale>().await?;
    /// # db.bulk_insert([("n", 5), ("n", 7), ("s", 3)].map(|(r, a)| Sale::builder().region(r).amount(a))).await?;
    /// let numbered: Vec<(Sale, i64)> = db
    ///     .select::<Sale>()
    ///     .with_values(|s| row_number().over(|w| w.partition_by(s.region).order(s.amount.desc())))
    ///     .order(|s| s.pk.asc())
    ///     .fetch_all()
    ///     .await?;
    /// assert_eq!(numbered.iter().map(|(_, n)| *n).collect::<Vec<_>>(), [2, 1, 1]);
    /// # Ok(())
    /// # }
    /// ```
    row_number: i64 = RowNumber;

    /// The number of the first row that is equal to it in the order of the window: 1, 2, 2, 4.
    rank: i64 = Rank;

    /// As [`rank`], without gaps: 1, 2, 2, 3.
    dense_rank: i64 = DenseRank;

    /// The rank as a number from 0 to 1: `(rank - 1) / (rows - 1)`; 0 where there is one row.
    percent_rank: f64 = PercentRank;

    /// The part of the rows that come before it or are equal to it in the order of the window, above 0 and up to 1.
    cume_dist: f64 = CumeDist;
}

/// The number of the part, from 1 to `parts`, when the rows of the partition are divided into parts of the same size, the
/// first of which have one row more if need be.
///
/// # Errors
///
/// Of 0 parts the query is [`Error::Window`](crate::Error::Window).
pub const fn ntile<M, L>(parts: u32) -> UnfinishedWindow<M, i64, L> {
    UnfinishedWindow::new(WindowFunction::Ntile(parts))
}

macro_rules! functions {
    ($root:ty, $level:ty, $reach:ty, [$($bound:tt)*]) => {
        /// The value in the row that comes this many rows before, in the order of the window; `NULL` where there is none.
        pub fn lag(self, rows: u32) -> UnfinishedWindow<$root, Option<T::Inner>, $level>
        where
            $($bound)*
        {
            UnfinishedWindow::new(WindowFunction::Lag { value: self.expr().into(), rows, otherwise: None })
        }

        /// As `lag`, and the other value where there is no such row: `s.amount.lag_or(1, 0)`.
        pub fn lag_or<V: Operand<$root, Option<T::Inner>, $level>>(
            self,
            rows: u32,
            otherwise: V,
        ) -> UnfinishedWindow<$root, <$reach as Nullability>::Of<<V::Nullability as Nullability>::Of<T::Inner>>, $level>
        where
            $($bound)*
        {
            let otherwise = Some(otherwise.into_expr(self.place()).into());
            UnfinishedWindow::new(WindowFunction::Lag { value: self.expr().into(), rows, otherwise })
        }

        /// The value in the row that comes this many rows behind, in the order of the window; `NULL` where there is none.
        pub fn lead(self, rows: u32) -> UnfinishedWindow<$root, Option<T::Inner>, $level>
        where
            $($bound)*
        {
            UnfinishedWindow::new(WindowFunction::Lead { value: self.expr().into(), rows, otherwise: None })
        }

        /// As `lead`, and the other value where there is no such row.
        pub fn lead_or<V: Operand<$root, Option<T::Inner>, $level>>(
            self,
            rows: u32,
            otherwise: V,
        ) -> UnfinishedWindow<$root, <$reach as Nullability>::Of<<V::Nullability as Nullability>::Of<T::Inner>>, $level>
        where
            $($bound)*
        {
            let otherwise = Some(otherwise.into_expr(self.place()).into());
            UnfinishedWindow::new(WindowFunction::Lead { value: self.expr().into(), rows, otherwise })
        }

        /// The value in the first row of the frame; `NULL` where the frame has no row.
        pub fn first_value(self) -> UnfinishedWindow<$root, Option<T::Inner>, $level>
        where
            $($bound)*
        {
            UnfinishedWindow::new(WindowFunction::FirstValue(self.expr().into()))
        }

        /// The value in the last row of the frame, which ends with the row itself and those that are equal to it in the order
        /// of the window, unless the window says otherwise: `.last_value().over(|w| w.order(s.day.asc()).rows(..))` is that of the
        /// last row of all. `NULL` where the frame has no row.
        pub fn last_value(self) -> UnfinishedWindow<$root, Option<T::Inner>, $level>
        where
            $($bound)*
        {
            UnfinishedWindow::new(WindowFunction::LastValue(self.expr().into()))
        }

        /// The value in this row of the frame, counted from 1; `NULL` where the frame has fewer.
        ///
        /// # Errors
        ///
        /// Of row 0 the query is [`Error::Window`](crate::Error::Window).
        pub fn nth_value(self, row: u32) -> UnfinishedWindow<$root, Option<T::Inner>, $level>
        where
            $($bound)*
        {
            UnfinishedWindow::new(WindowFunction::NthValue(self.expr().into(), row))
        }
    };
}

/// Values of other rows, for [`over`](UnfinishedWindow::over).
impl<P: Path, T: ColumnType> Column<P, T> {
    functions!(P::Root, PerRow, <P::Nullability as Nullability>::And<crate::column::NullabilityOf<T>>, []);
}

/// Values of other rows or groups, as those of columns.
impl<M, T: ColumnType, L> Computed<M, T, L> {
    functions!(M, L, crate::column::NullabilityOf<T>, [L: InWindows]);
}

/// Aggregates over windows.
impl<M, T: ColumnType, L> Computed<M, T, L> {
    /// Computes an aggregate over the rows around each row, instead of for a group. In arithmetic of several aggregates it is said
    /// of all. The closure is given a window over all rows in no order; a window with an order is that of the rows up to the row
    /// itself, so that a sum becomes a running one.
    ///
    /// ```
    /// use sqliter::prelude::*;
    ///
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Sale { pk: Key<Sale>, region: String, day: i64, amount: i64 }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_table::<Sale>().await?;
    /// # db.bulk_insert([("n", 1, 5), ("n", 2, 7), ("s", 1, 3)].map(|(r, d, a)| Sale::builder().region(r).day(d).amount(a))).await?;
    /// let running: Vec<(String, Option<i64>)> = db
    ///     .select::<Sale>()
    ///     .order(|s| (s.region.asc(), s.day.asc()))
    ///     .fields(|s| (s.region, s.amount.sum().over(|w| w.partition_by(s.region).order(s.day.asc()))))
    ///     .fetch_all()
    ///     .await?;
    /// assert_eq!(running.iter().map(|(_, sum)| sum.unwrap()).collect::<Vec<_>>(), [5, 12, 3]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// It is a value beside each row, for `fields`, `with_values` and `order`, and for fields of a [view](crate::View); in the view of a
    /// to-many relation it is over the related rows of each row, before a limit. Rows are chosen by it with
    /// [`qualify`](crate::Select::qualify). Windows over groups are those of what groups have: `count().lag(1)`,
    /// `s.amount.sum().sum_of_groups()`, and rankings sorted by aggregates.
    ///
    /// # Errors
    ///
    /// The query is [`Error::Window`](crate::Error::Window) when a frame ends before it begins, or the aggregate is one of `distinct`
    /// values, which SQLite does not have.
    pub fn over(self, window: impl FnOnce(Window<M>) -> Window<M>) -> Computed<M, T, PerWindow>
    where
        L: OverWindows,
    {
        Computed::new(over(self.expr(), &window(Window::new()).into_over()))
    }
}

/// With all aggregates of the expression over the window.
fn over(expr: Expr, window: &Over) -> Expr {
    let Expr::Aggregate(aggregate) = expr else { return expr.with_parts(&mut |part| over(part, window)) };
    Expr::Window(Box::new(ast::Window { function: WindowFunction::Aggregate(*aggregate), over: window.clone() }))
}

macro_rules! of_groups {
    ($($(#[$doc:meta])* $name:ident: $type:ty, $bound:ident, $function:expr;)*) => {
        /// Aggregates of what groups have, over the groups around each.
        impl<M, T: ColumnType, L> Computed<M, T, L> {$(
            $(#[$doc])*
            pub fn $name(self) -> UnfinishedWindow<M, $type, PerGroup>
            where
                L: OfGroups,
                T: $bound,
            {
                let (function, value) = ($function, Some(Nested::new(self.expr())));
                UnfinishedWindow::new(WindowFunction::Aggregate(Aggregate { function, value, distinct: false, filter: None }))
            }
        )*}
    };
}

/// The type of a sum.
type Number<T> = <<T as ColumnType>::Kind as Kind>::Number;

of_groups! {
    /// The sum over groups, for a window of them: with an order, `s.amount.sum().sum_of_groups().over(|w| w.order(s.day.asc()))`
    /// is the running total of the days.
    ///
    /// ```
    /// use sqliter::prelude::*;
    ///
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Sale { pk: Key<Sale>, day: i64, amount: i64 }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_table::<Sale>().await?;
    /// # db.bulk_insert([(1, 5), (1, 7), (2, 3)].map(|(d, a)| Sale::builder().day(d).amount(a))).await?;
    /// let days: Vec<(i64, Option<i64>, Option<i64>)> = db
    ///     .select::<Sale>()
    ///     .group_by(|s| s.day)
    ///     .annotate(|s| (s.amount.sum(), s.amount.sum().sum_of_groups().over(|w| w.order(s.day.asc()))))
    ///     .order(|s| s.day.asc())
    ///     .fetch_all()
    ///     .await?;
    /// assert_eq!(days, [(1, Some(12), Some(12)), (2, Some(3), Some(15))]);
    /// # Ok(())
    /// # }
    /// ```
    sum_of_groups: Option<Number<T>>, HoldsNumbers,
        if <T::Kind as Kind>::IS_DECIMAL { AggregateFunction::DecimalSum } else { AggregateFunction::Sum };
    /// The average over groups, for a window of them.
    avg_of_groups: Option<f64>, HoldsNumbers, AggregateFunction::Average;
    /// The smallest value of groups, for a window of them.
    min_of_groups: Option<T::Inner>, HoldsComparable, AggregateFunction::Minimum;
    /// The largest value of groups, for a window of them.
    max_of_groups: Option<T::Inner>, HoldsComparable, AggregateFunction::Maximum;
}
