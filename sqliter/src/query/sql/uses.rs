//! What a query joins.

use crate::expr::PathNode;
use crate::expr::ast::Expr;
use crate::model::Link;

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

    pub(super) fn expr(&mut self, expr: &Expr) {
        match expr {
            Expr::Column(column) => self.path(column.path),
            Expr::Related { path, .. } => {
                self.subqueries = true;
                self.path(*path);
            }
            Expr::Value(_) | Expr::Unencodable { .. } | Expr::Linked { .. } => {}
            Expr::Compare { left, right, .. } | Expr::Arithmetic { left, right, .. } => {
                self.expr(left);
                self.expr(right);
            }
            Expr::Between { value, low, high } => {
                self.expr(value);
                self.expr(low);
                self.expr(high);
            }
            Expr::InList { value, .. } | Expr::IsNull { value, .. } | Expr::Text { value, .. } => self.expr(value),
            Expr::And(parts) | Expr::Or(parts) => parts.iter().for_each(|part| self.expr(part)),
            Expr::Not(inner) => self.expr(inner),
        }
    }
}

/// Whether there is always a row at the end of the path.
pub(super) fn is_required(path: &PathNode) -> bool {
    matches!(path.relation.link, Link::ForeignKey(column) if !column.nullable) && path.before.is_none_or(is_required)
}
