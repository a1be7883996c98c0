//! Values over windows: functions of the rows around each row, or of the groups around each group.

use std::marker::PhantomData;
use std::ops::{RangeFrom, RangeFull, RangeInclusive, RangeToInclusive};

use super::computed::Types;
use super::{
    Column, Computed, Condition, HoldsComparable, HoldsNumbers, InWindow, InWindows, OfGroups, Operand, Orders,
    OverWindows, PerGroup, PerRow, PerWindow, SameQuery,
};
use crate::column::{ColumnType, Nullability, kind::Kind};
use crate::model::Path;
use crate::sql::ast;
use crate::sql::ast::{
    Aggregate, AggregateFunction, Edge, Exclude, Expr, Frame, FrameUnit, Nested, Over, Several, WindowFunction,
};

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
        let over = window(Window::new()).over;
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
    /// It is a value beside each row, for `fields`, `with_values` and `order`; rows are chosen by it with
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
        Computed::new(over(self.expr(), &window(Window::new()).over))
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

/// Which rows around each row a function is over, or with [`PerGroup`] which groups around each group; given by the closure of
/// [`over`](Computed::over).
#[must_use = "a window is what the closure of `over` gives back"]
pub struct Window<M, L = PerRow> {
    over: Over,
    types: Types<(M, L)>,
}

impl<M, L> std::fmt::Debug for Window<M, L> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Window").field(&self.over).finish()
    }
}

impl<M, L> Window<M, L> {
    fn new() -> Self {
        let over = Over { partition: Several::default(), order: Vec::new(), frame: None };
        Self { over, types: PhantomData }
    }

    /// Only the rows that have the same value, or the same values of a tuple; `NULL` is a value here. Further calls add values.
    pub fn partition_by<V: Partitions<M, L>>(mut self, values: V) -> Self {
        values.push_onto(&mut self.over.partition);
        self
    }

    /// In this order, after the keys of earlier calls. Without a frame, an aggregate is then over the rows up to the row itself and
    /// those that are equal to it in the order.
    pub fn order<O: Orders<M, InWindow<L>>>(mut self, keys: O) -> Self {
        let before = self.over.order.len();
        keys.push_onto(&mut self.over.order);
        for key in self.over.order.iter_mut().skip(before) {
            let value = std::mem::replace(&mut key.value, Expr::TooDeep);
            key.value = Nested::new(value).into_inner();
        }
        self
    }

    /// Only the rows from one edge to the other, counted in rows: `.rows(preceding(6)..=current_row())`, `.rows(..=current_row())`,
    /// `.rows(current_row()..)`, `.rows(..)` for all rows of the partition. Rows that are equal in the order come in that of the primary
    /// key, groups in that of what they are grouped by.
    pub fn rows(self, frame: impl Frames) -> Self {
        self.framed(FrameUnit::Rows, frame)
    }

    /// Only the rows from one edge to the other, by the number that the window is sorted by: with `.order(s.day.asc())`,
    /// `.range(preceding(6)..=current_row())` are those whose day is at most 6 less. At `current_row()`, the rows that are equal in
    /// the order are taken too.
    ///
    /// # Errors
    ///
    /// With a distance, and not sorted by exactly one number, the query is [`Error::Window`](crate::Error::Window).
    pub fn range(self, frame: impl Frames) -> Self {
        self.framed(FrameUnit::Range, frame)
    }

    /// Only the rows from one edge to the other, counted in groups of rows that are equal in the order.
    pub fn groups(self, frame: impl Frames) -> Self {
        self.framed(FrameUnit::Groups, frame)
    }

    /// All rows of the frame but the row itself.
    pub fn exclude_current_row(self) -> Self {
        self.without(Exclude::CurrentRow)
    }

    /// All rows of the frame but the row itself and those that are equal to it in the order.
    pub fn exclude_group(self) -> Self {
        self.without(Exclude::Group)
    }

    /// All rows of the frame but those that are equal to the row in the order; the row itself stays.
    pub fn exclude_ties(self) -> Self {
        self.without(Exclude::Ties)
    }

    fn framed(mut self, unit: FrameUnit, frame: impl Frames) -> Self {
        let (start, end) = frame.edges();
        let exclude = self.over.frame.and_then(|before| before.exclude);
        self.over.frame = Some(Frame { unit, start, end, exclude });
        self
    }

    fn without(mut self, rows: Exclude) -> Self {
        // SQLite's own, where nothing is said.
        let frame = Frame { unit: FrameUnit::Range, start: Edge::Beginning, end: Edge::Current, exclude: None };
        self.over.frame.get_or_insert(frame).exclude = Some(rows);
        self
    }
}

/// An edge of a frame: [`preceding`], [`current_row`] or [`following`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FrameEdge(Edge);

/// The edge that is this far before the row: in rows, in groups, or by the number that the window is sorted by.
pub const fn preceding(distance: u64) -> FrameEdge {
    FrameEdge(Edge::Preceding(distance))
}

/// The edge at the row itself.
pub const fn current_row() -> FrameEdge {
    FrameEdge(Edge::Current)
}

/// The edge that is this far behind the row: in rows, in groups, or by the number that the window is sorted by.
pub const fn following(distance: u64) -> FrameEdge {
    FrameEdge(Edge::Following(distance))
}

/// What [`Window::rows`], [`range`](Window::range) and [`groups`](Window::groups) take: the rows from one edge to another, both
/// included.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the frame of a window",
    label = "expected one edge `..=` another one",
    note = "write `.rows(preceding(2)..=current_row())`, `.rows(..=current_row())`, `.rows(current_row()..)` or `.rows(..)`; both edges \
            belong to the frame"
)]
pub trait Frames {
    #[doc(hidden)]
    fn edges(self) -> (Edge, Edge);
}

#[diagnostic::do_not_recommend]
impl Frames for RangeInclusive<FrameEdge> {
    fn edges(self) -> (Edge, Edge) {
        let (start, end) = self.into_inner();
        (start.0, end.0)
    }
}

#[diagnostic::do_not_recommend]
impl Frames for RangeToInclusive<FrameEdge> {
    fn edges(self) -> (Edge, Edge) {
        (Edge::Beginning, self.end.0)
    }
}

#[diagnostic::do_not_recommend]
impl Frames for RangeFrom<FrameEdge> {
    fn edges(self) -> (Edge, Edge) {
        (self.start.0, Edge::End)
    }
}

#[diagnostic::do_not_recommend]
impl Frames for RangeFull {
    fn edges(self) -> (Edge, Edge) {
        (Edge::Beginning, Edge::End)
    }
}

/// What [`Window::partition_by`] takes: a column, what is computed from columns, a condition, or a tuple of them; over groups also an
/// aggregate.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not something to partition the rows of a query over `{M}` by",
    label = "expected a column, what is computed from columns, or a tuple of them",
    note = "write `w.partition_by(s.region)`, or several as a tuple: `w.partition_by((s.region, s.product))`"
)]
pub trait Partitions<M, L = PerRow> {
    #[doc(hidden)]
    fn push_onto(self, values: &mut Several);
}

macro_rules! partitions {
    ($([$($generics:tt)*] $item:ty, $level:ty $(where $query:ty: $same:path)?;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<M, $($generics)*> Partitions<M, $level> for $item
        $(where $query: $same)?
        {
            fn push_onto(self, values: &mut Several) {
                values.push(self.expr());
            }
        }
    )*};
}

partitions! {
    [L, P: Path, T: ColumnType] Column<P, T>, L where M: SameQuery<P::Root>;
    [L, T: ColumnType] Computed<M, T>, L;
    [T: ColumnType] Computed<M, T, PerGroup>, PerGroup;
    [L] Condition<M>, L;
    [] Condition<M, PerGroup>, PerGroup;
}

macro_rules! tuples {
    ($($name:ident)+) => {
        #[diagnostic::do_not_recommend]
        impl<M, Level, $($name: Partitions<M, Level>),+> Partitions<M, Level> for ($($name,)+) {
            fn push_onto(self, values: &mut Several) {
                #[expect(non_snake_case, reason = "the names of the types serve for the values")]
                let ($($name,)+) = self;
                $($name.push_onto(values);)+
            }
        }
    };
}

crate::tuples::each_tuple!(tuples);
