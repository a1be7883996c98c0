//! What a query joins.

use crate::expr::PathNode;
use crate::expr::ast::Expr;
use crate::model::Link;
use crate::query::Query;

/// What a query needs besides its own table.
#[derive(Default)]
pub(super) struct Uses {
    pub(super) joins: Vec<&'static PathNode>,
    pub(super) subqueries: bool,
}

impl Uses {
    pub(super) fn path(&mut self, path: Option<&'static PathNode>) {
        let Some(path) = path else { return };
        if self.joins.iter().any(|join| join.is_same(path)) {
            return;
        }
        self.path(path.before);
        self.joins.push(path);
    }

    /// What a query selects, filters, groups and sorts by.
    pub(super) fn query<'e>(columns: impl IntoIterator<Item = &'e Expr>, query: &Query) -> Self {
        let mut uses = Self::default();
        columns.into_iter().for_each(|column| uses.expr(column));
        uses.rows_of(query);
        query.order.iter().for_each(|key| uses.expr(&key.value));
        uses
    }

    /// What the rows that a query would fetch depend on, but for their order.
    pub(super) fn rows(query: &Query) -> Self {
        let mut uses = Self::default();
        uses.rows_of(query);
        uses
    }

    fn rows_of(&mut self, query: &Query) {
        query.filters.iter().for_each(|filter| self.expr(filter));
        if let Some(grouping) = &query.grouping {
            grouping.keys.iter().chain(&grouping.having).for_each(|expr| self.expr(expr));
        }
    }

    pub(super) fn of(expr: &Expr) -> Self {
        let mut uses = Self::default();
        uses.expr(expr);
        uses
    }

    pub(super) fn expr(&mut self, expr: &Expr) {
        match expr {
            Expr::Column(column) => self.path(column.path),
            Expr::Related { path, .. } => {
                self.subqueries = true;
                self.path(*path);
            }
            Expr::RelatedValue { hops, .. } => {
                self.subqueries = true;
                self.path(hops.first().and_then(|hop| hop.path));
            }
            _ => expr.each_part(&mut |part| self.expr(part)),
        }
    }
}

/// Whether there is always a row at the end of the path.
pub(super) fn is_required(path: &PathNode) -> bool {
    matches!(path.relation.link, Link::ForeignKey(column) if !column.nullable) && path.before.is_none_or(is_required)
}
