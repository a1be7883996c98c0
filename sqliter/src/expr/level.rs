//! What a value belongs to: a row, or a group of rows.

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
