//! Queries inside expressions, and values of the rows around them.

use super::Query;
use super::ast::{Expr, MOST_IN_A_ROW, Nested};
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

impl Expr {
    /// Visits the values of rows around that the expression reads, when it stands in a query that is inside another one:
    /// how many queries further out the row is, 1 for the one directly around, and the path from it.
    pub(crate) fn each_outer(&self, visit: &mut dyn FnMut(usize, Option<&'static PathNode>)) {
        match self {
            Self::Outer(outer) => {
                outer.value.each_path(&mut |path| visit(1, path));
                outer.value.each_outer(&mut |up, path| visit(up + 1, path));
            }
            Self::Related { condition, .. } => condition.each_outer(&mut further_out(visit)),
            Self::RelatedValue { hops, value, .. } => {
                let conditions = hops.iter().filter_map(|hop| hop.condition.as_deref());
                conditions.chain([&**value]).for_each(|expr| expr.each_outer(&mut further_out(visit)));
            }
            Self::InSelect { value, select, .. } => {
                value.each_outer(visit);
                select.each_outer(&mut further_out(visit));
            }
            Self::RelatedFirst(first) => first.select.each_outer(&mut further_out(visit)),
            Self::Select(select) | Self::Exists(select) => select.each_outer(&mut further_out(visit)),
            Self::Column(_)
            | Self::Value(_)
            | Self::Unencodable { .. }
            | Self::TooDeep
            | Self::Fragment(_)
            | Self::HasValue { .. }
            | Self::Linked { .. }
            | Self::Compare { .. }
            | Self::Between { .. }
            | Self::InList { .. }
            | Self::IsNull { .. }
            | Self::Text { .. }
            | Self::TextBy { .. }
            | Self::Arithmetic { .. }
            | Self::Call { .. }
            | Self::DatePart { .. }
            | Self::Case(_)
            | Self::Aggregate(_)
            | Self::Window(_)
            | Self::Derived(_)
            | Self::And(_)
            | Self::Or(_)
            | Self::Not(_)
            | Self::Truth(_) => self.each_part(&mut |part| part.each_outer(visit)),
        }
    }

    /// Visits the paths of the query's own rows that the expression uses, those that its subqueries use included.
    pub(crate) fn each_path(&self, visit: &mut dyn FnMut(Option<&'static PathNode>)) {
        match self {
            Self::Column(column) | Self::HasValue { column, .. } => visit(column.path),
            Self::Related { path, condition, .. } => {
                visit(*path);
                condition.each_outer(&mut directly_around(visit));
            }
            Self::RelatedValue { hops, value, .. } => {
                visit(hops.first().and_then(|hop| hop.path));
                let conditions = hops.iter().filter_map(|hop| hop.condition.as_deref());
                conditions.chain([&**value]).for_each(|expr| expr.each_outer(&mut directly_around(visit)));
            }
            Self::InSelect { value, select, .. } => {
                value.each_path(visit);
                select.each_outer(&mut directly_around(visit));
            }
            Self::RelatedFirst(first) => first.select.each_outer(&mut directly_around(visit)),
            Self::Select(select) | Self::Exists(select) => select.each_outer(&mut directly_around(visit)),
            Self::Outer(_)
            | Self::Value(_)
            | Self::Unencodable { .. }
            | Self::TooDeep
            | Self::Fragment(_)
            | Self::Linked { .. }
            | Self::Compare { .. }
            | Self::Between { .. }
            | Self::InList { .. }
            | Self::IsNull { .. }
            | Self::Text { .. }
            | Self::TextBy { .. }
            | Self::Arithmetic { .. }
            | Self::Call { .. }
            | Self::DatePart { .. }
            | Self::Case(_)
            | Self::Aggregate(_)
            | Self::Window(_)
            | Self::Derived(_)
            | Self::And(_)
            | Self::Or(_)
            | Self::Not(_)
            | Self::Truth(_) => self.each_part(&mut |part| part.each_path(visit)),
        }
    }
}

/// What a subquery reads of rows around, seen from the query that it stands in.
fn further_out(
    visit: &mut dyn FnMut(usize, Option<&'static PathNode>),
) -> impl FnMut(usize, Option<&'static PathNode>) {
    move |up, path| {
        if up > 1 {
            visit(up - 1, path);
        }
    }
}

/// What a subquery reads of the rows of the query that it stands in.
fn directly_around(visit: &mut dyn FnMut(Option<&'static PathNode>)) -> impl FnMut(usize, Option<&'static PathNode>) {
    move |up, path| {
        if up == 1 {
            visit(path);
        }
    }
}
