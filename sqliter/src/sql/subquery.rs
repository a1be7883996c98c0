//! Queries inside expressions, and values of the rows around them.

use super::Query;
use super::ast::{Aggregate, Expr, MOST_IN_A_ROW, Nested};
use super::nested::Depth;
use crate::table::{PathNode, TableInfo};

/// A query inside an expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Subquery {
    query: Query,
    /// What it selects; nothing, where it matters only whether there are rows.
    value: Option<Expr>,
    depth: Depth,
}

/// A value of the row of the query around the one that it stands in.
#[derive(Debug, Clone, PartialEq)]
pub struct Outer {
    pub(crate) value: Nested,
    /// The table that the query around must be over, if it matters.
    pub(crate) root: Option<&'static TableInfo>,
}

impl Subquery {
    pub(crate) fn new(query: Query, value: Option<Expr>) -> Self {
        let depth = Depth::of(value.iter().map(Expr::depth).chain([depth_of(&query)])).below(2).in_subquery();
        Self { query, value, depth }
    }

    pub(crate) const fn query(&self) -> &Query {
        &self.query
    }

    pub(crate) const fn value(&self) -> Option<&Expr> {
        self.value.as_ref()
    }

    pub(super) const fn depth(&self) -> Depth {
        self.depth
    }

    /// Whether its rows may differ from row to row of the query around.
    pub(crate) fn looks_outside(&self) -> bool {
        let mut looks = false;
        self.each_outer(&mut |_, _| looks = true);
        looks
    }

    /// As [`Expr::each_outer`].
    pub(crate) fn each_outer(&self, visit: &mut dyn FnMut(usize, Option<&'static PathNode>)) {
        self.value.iter().for_each(|value| value.each_outer(visit));
        self.query.each_expr(&mut |expr| expr.each_outer(visit));
    }
}

/// That of the conditions and values of a query.
fn depth_of(query: &Query) -> Depth {
    let mut deepest = Depth::LEAF;
    query.each_expr(&mut |expr| deepest = Depth::of([deepest, expr.depth()]));
    // Filters stand side by side; halves of many, below each other.
    let filters = query.filters.len().min(MOST_IN_A_ROW + 16);
    deepest.below(u16::try_from(filters).unwrap_or(u16::MAX))
}

impl Query {
    /// Whether it groups or sorts by what depends on the row of the query around.
    pub(crate) fn is_arranged_by_outer(&self) -> bool {
        self.groups_by_outer() || self.order.iter().any(|key| key.value.looks_outside())
    }

    /// Whether it groups by what depends on the row of the query around.
    pub(crate) fn groups_by_outer(&self) -> bool {
        self.grouping.iter().flat_map(|grouping| &grouping.keys).any(Expr::looks_outside)
    }
}

impl Aggregate {
    /// Whether it reads rows of queries around, and nothing of its own.
    pub(crate) fn is_about_outer_alone(&self) -> bool {
        let mut reads = (false, false);
        for part in self.value.iter().chain(&self.filter) {
            part.each_outer(&mut |_, _| reads.0 = true);
            part.each_path(&mut |_| reads.1 = true);
        }
        reads == (true, false)
    }
}

impl Expr {
    /// Whether it depends on the row of the query around.
    pub(crate) fn looks_outside(&self) -> bool {
        let mut looks = false;
        self.each_outer(&mut |_, _| looks = true);
        looks
    }
}
