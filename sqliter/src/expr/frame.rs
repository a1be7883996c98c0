//! Windows: which rows around each row a function is over.

use std::marker::PhantomData;
use std::ops::{RangeFrom, RangeFull, RangeInclusive, RangeToInclusive};

use super::computed::Types;
use super::{Column, Computed, Condition, InWindow, Orders, PerGroup, PerRow};
use crate::column::ColumnType;
use crate::model::Path;
use crate::sql::ast::{Edge, Exclude, Expr, Frame, FrameUnit, Nested, Over, Several};

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
    pub(super) fn new() -> Self {
        let over = Over { partition: Several::default(), order: Vec::new(), frame: None };
        Self { over, types: PhantomData }
    }

    pub(super) fn into_over(self) -> Over {
        self.over
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
    ($([$($generics:tt)*] $item:ty, $root:ty, $level:ty;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> Partitions<$root, $level> for $item {
            fn push_onto(self, values: &mut Several) {
                values.push(self.expr());
            }
        }
    )*};
}

// The model follows from the value: a window that is parted, and no more, has no other word of it.
partitions! {
    [L, P: Path, T: ColumnType] Column<P, T>, P::Root, L;
    [M, L, T: ColumnType] Computed<M, T>, M, L;
    [M, T: ColumnType] Computed<M, T, PerGroup>, M, PerGroup;
    [M, L] Condition<M>, M, L;
    [M] Condition<M, PerGroup>, M, PerGroup;
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
