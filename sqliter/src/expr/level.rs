//! What a value belongs to: a row, or a group of rows.
//!
//! The bounds here are on methods, not on implementations: so a wrong use is told in their words.

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
    label = "an aggregate already",
    note = "an aggregate takes what each row has: a column, or what is computed from columns"
)]
pub trait OfRows {}

#[diagnostic::do_not_recommend]
impl OfRows for PerRow {}

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
    message = "an aggregate, which is of many rows, does not go together with what each row has",
    label = "one side is an aggregate, the other is not",
    note = "conditions on aggregates belong into `having`, and compare them with values and other aggregates: \
            `.having(|b| b.pages.sum().gt(300))`",
    note = "what each row has can be compared with an aggregate of its related rows: `a.books.aggregate(|b| b.pages.max())`"
)]
pub trait SameLevel<L> {}
impl<L> SameLevel<L> for L {}
