//! What a value belongs to: a row, a group of rows, or a row with those around it.
//!
//! The bounds here are on methods, not on implementations: so a wrong use gets their message.

/// What a chain gives, and what the keys of an order belong to: [`PerRow`] or [`PerGroup`].
pub trait Level: LevelWith<Self, Level = Self> + Sized + 'static {}

/// Each row has a value: a column, or what is computed from columns.
#[derive(Debug)]
pub struct PerRow;

/// Each group of rows has a value: an aggregate, or what is computed from aggregates.
#[derive(Debug)]
pub struct PerGroup;

/// Each row has a value that depends on the rows around it, computed by [`over`](super::Computed::over); with [`PerGroup`], each
/// group one that depends on the groups around it.
#[derive(Debug)]
pub struct PerWindow<L = PerRow>(std::marker::PhantomData<fn() -> L>);

/// What the keys of the order of a window belong to: the window is over rows, or over groups.
#[derive(Debug)]
pub struct InWindow<L>(std::marker::PhantomData<fn() -> L>);

/// What the keys of the order of several chains together belong to: whatever the chains select.
#[derive(Debug)]
pub struct OfTogether(());

impl Level for PerRow {}
impl Level for PerGroup {}
impl<L: 'static> Level for InWindow<L> {}

/// Holds for [`PerRow`] and [`PerGroup`]: what windows are over.
#[diagnostic::on_unimplemented(
    message = "a value over a window cannot be computed over a window again",
    label = "this is over a window already",
    note = "a chain that selects the value is read as a whole: choose rows by it with `qualify`, and compute the rest in the program"
)]
pub trait InWindows {}

#[diagnostic::do_not_recommend]
impl InWindows for PerRow {}
#[diagnostic::do_not_recommend]
impl InWindows for PerGroup {}

/// Holds for [`PerGroup`]: the aggregates that are computed over windows instead.
#[diagnostic::on_unimplemented(
    message = "only an aggregate or a window function is computed over a window",
    label = "each row has a value of its own here",
    note = "write `s.amount.sum().over(|w| w.partition_by(s.region))`, `rank().over(|w| w.order(s.amount.desc()))`, \
            `s.amount.lag(1).over(|w| w.order(s.day.asc()))`"
)]
pub trait OverWindows {}

#[diagnostic::do_not_recommend]
impl OverWindows for PerGroup {}

/// Holds for [`PerWindow`]: the conditions that `qualify` takes.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`qualify` takes a condition on a value over a window",
    label = "this is a condition on single rows, or on groups",
    note = "write `.qualify(|i| row_number().over(|w| w.partition_by(i.project_id).order(i.created.desc())).eq(1))`",
    note = "conditions on columns belong in `filter`, conditions on aggregates in `having`"
)]
pub trait Qualifies {}

#[diagnostic::do_not_recommend]
impl Qualifies for PerWindow {}

/// Holds for [`PerRow`]: what aggregates are of.
#[diagnostic::on_unimplemented(
    message = "an aggregate cannot be aggregated again",
    label = "this is an aggregate already",
    note = "an aggregate takes a column, or what is computed from columns"
)]
pub trait OfRows {}

#[diagnostic::do_not_recommend]
impl OfRows for PerRow {}

/// Holds for [`PerRow`]: the conditions that `filter` takes.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a condition on an aggregate cannot filter rows",
    label = "this is a condition on groups of rows",
    note = "conditions on aggregates belong in `having`, after `group_by` or `annotate`: \
            `.group_by(|b| b.author_id).annotate(|_| count()).having(|_| count().gt(1))`",
    note = "rows are filtered by an aggregate of their related rows: `.filter(|a| a.books.count().gt(1))`",
    note = "conditions on values over windows belong in `qualify`"
)]
pub trait FiltersRows {}

#[diagnostic::do_not_recommend]
impl FiltersRows for PerRow {}

/// Holds for [`PerGroup`]: the conditions that `having` takes.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a condition on single rows cannot choose groups",
    label = "this is a condition on single rows",
    note = "conditions on columns belong in `filter`: `.filter(|b| b.pages.gt(100)).group_by(|b| b.author_id)`",
    note = "`having` takes conditions on aggregates: `.having(|b| b.pages.sum().gt(300))`"
)]
pub trait ChoosesGroups {}

#[diagnostic::do_not_recommend]
impl ChoosesGroups for PerGroup {}

/// Holds for [`PerGroup`]: what `annotate` takes.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`annotate` and `aggregate` take aggregates, and this value belongs to a single row",
    label = "each row has a value of its own here",
    note = "values beside each row are loaded by `with_values(|a| a.name.length())`, the number of related rows by \
            `with_count(|a| a.books)`",
    note = "over the groups around each group are functions of what groups have: `s.amount.sum().sum_of_groups().over(|w| w.order(s.day.asc()))`, \
            `count().lag(1).over(…)`"
)]
pub trait Annotates {}

#[diagnostic::do_not_recommend]
impl Annotates for PerGroup {}
#[diagnostic::do_not_recommend]
impl Annotates for PerWindow<PerGroup> {}

/// Holds for [`PerGroup`]: aggregates, and what is computed from them.
#[diagnostic::on_unimplemented(
    message = "this is not an aggregate",
    label = "each row has a value of its own here",
    note = "only an aggregate can be restricted to some rows: `count().filter(…)`, `b.pages.sum().filter(…)`"
)]
pub trait OfGroups {}

#[diagnostic::do_not_recommend]
impl OfGroups for PerGroup {}

/// Holds when both are the same.
#[diagnostic::on_unimplemented(
    message = "an aggregate cannot be used together with the value of a single row",
    label = "one side is an aggregate, the other is not",
    note = "conditions on aggregates belong in `having`, and compare them with values and other aggregates: \
            `.having(|b| b.pages.sum().gt(300))`",
    note = "the value of a row can be compared with an aggregate of its related rows: `a.books.aggregate(|b| b.pages.max())`",
    note = "a value over a window stands first in a comparison: `s.amount.max().over(|w| w).gt(s.amount)`"
)]
pub trait SameLevel<L> {}
impl<L> SameLevel<L> for L {}
#[diagnostic::do_not_recommend]
impl SameLevel<PerWindow> for PerRow {}
#[diagnostic::do_not_recommend]
impl SameLevel<PerWindow<Self>> for PerGroup {}

/// Holds when values of both can be calculated with: what the result belongs to.
#[diagnostic::on_unimplemented(
    message = "an aggregate cannot be used together with the value of a single row",
    label = "one side is an aggregate, the other is not",
    note = "conditions on aggregates belong in `having`, and compare them with values and other aggregates: \
            `.having(|b| b.pages.sum().gt(300))`",
    note = "the value of a row can be compared with an aggregate of its related rows: `a.books.aggregate(|b| b.pages.max())`",
    note = "beside each row, an aggregate is computed over a window: `s.amount / s.amount.sum().over(|w| w.partition_by(s.region))`"
)]
pub trait LevelWith<L> {
    /// What the result belongs to.
    type Level;
}

macro_rules! together {
    ($([$($generics:tt)*] $left:ty, $right:ty => $result:ty;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl<$($generics)*> LevelWith<$right> for $left {
            type Level = $result;
        }
    )*};
}

together! {
    [] PerRow, PerRow => PerRow;
    [] PerGroup, PerGroup => PerGroup;
    [L] PerWindow<L>, PerWindow<L> => PerWindow<L>;
    [L] InWindow<L>, InWindow<L> => InWindow<L>;
    [] PerRow, PerWindow => PerWindow;
    [] PerWindow, PerRow => PerWindow;
    [] PerGroup, PerWindow<PerGroup> => PerWindow<PerGroup>;
    [] PerWindow<PerGroup>, PerGroup => PerWindow<PerGroup>;
}
