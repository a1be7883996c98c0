//! Related rows that a query joins because they are asked for by themselves.

use super::Query;
use crate::table::PathNode;

/// The rows that a to-many relation leads to, joined to those that a query is about.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Beside {
    /// By which the query names them.
    pub(crate) path: &'static PathNode,
    /// Which of the related rows; with a limit, how many for each row, in which order.
    pub(crate) rows: Query,
    /// Whether a row that has none of them is left out.
    pub(crate) inner: bool,
}

impl Beside {
    /// The [number](PathNode::number) of a join that gives each of the related rows.
    pub(crate) const EACH: u8 = u8::MAX;

    /// Whether the query is one of pairs by it; else the related row is loaded beside each row, and no more.
    pub(crate) const fn gives_pairs(&self) -> bool {
        self.path.number == Self::EACH
    }

    /// Whether a row of the query may come several times.
    pub(crate) fn multiplies(&self) -> bool {
        self.rows.limit.is_none_or(|limit| limit > 1)
    }

    /// Whether there may be more or fewer rows than without it.
    pub(crate) fn counts(&self) -> bool {
        self.inner || self.multiplies()
    }
}
