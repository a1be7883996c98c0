//! What a value belongs to: a row, or a group of rows.
//!
//! The bounds here are on methods, not on implementations: so a wrong use gets their message.

/// What a value belongs to: [`PerRow`] or [`PerGroup`].
pub trait Level: 'static {}

/// Each row has a value: a column, or what is computed from columns.
#[derive(Debug)]
pub struct PerRow;

/// Each group of rows has a value: an aggregate, or what is computed from aggregates.
#[derive(Debug)]
pub struct PerGroup;

impl Level for PerRow {}
impl Level for PerGroup {}

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
    note = "rows are filtered by an aggregate of their related rows: `.filter(|a| a.books.count().gt(1))`"
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
            `with_count(|a| a.books)`"
)]
pub trait Annotates {}

#[diagnostic::do_not_recommend]
impl Annotates for PerGroup {}

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
    note = "the value of a row can be compared with an aggregate of its related rows: `a.books.aggregate(|b| b.pages.max())`"
)]
pub trait SameLevel<L> {}
impl<L> SameLevel<L> for L {}
