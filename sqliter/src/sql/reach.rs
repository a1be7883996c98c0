//! What expressions reach besides their parts: columns, related rows, queries inside, rows around.

use super::ast::{ColumnRef, Expr, Outer, Subquery};
use crate::table::PathNode;

/// Something that an expression reaches by itself.
pub(super) enum Reach<'e> {
    /// A column of the query's own rows.
    Column(ColumnRef),
    /// The row that a relation starts from.
    Row(Option<&'static PathNode>),
    /// An expression of a query inside.
    Inside(&'e Expr),
    /// A query inside.
    Query,
    /// A value of a row around.
    Outer(&'e Outer),
    /// SQL whose words are not known.
    Text,
}

impl Expr {
    /// Visits what the expression itself reaches. Each kind of expression has its line here.
    pub(super) fn each_reach(&self, visit: &mut dyn FnMut(Reach<'_>)) {
        match self {
            Self::Column(column) | Self::HasValue { column, .. } => visit(Reach::Column(*column)),
            Self::Related { path, condition, .. } => {
                visit(Reach::Row(*path));
                visit(Reach::Inside(condition));
            }
            Self::RelatedValue { hops, value, .. } => {
                visit(Reach::Row(hops.first().and_then(|hop| hop.path)));
                let conditions = hops.iter().filter_map(|hop| hop.condition.as_deref());
                conditions.chain([&**value]).for_each(|expr| visit(Reach::Inside(expr)));
            }
            Self::RelatedFirst(first) => {
                visit(Reach::Row(None));
                first.select.each_reach(visit);
            }
            Self::InSelect { select, .. } | Self::Select(select) | Self::Exists(select) => select.each_reach(visit),
            Self::Outer(outer) => visit(Reach::Outer(outer)),
            Self::Linked { .. } | Self::Derived(_) => visit(Reach::Row(None)),
            Self::Search(search) => visit(Reach::Row(search.path)),
            Self::Fragment(_) => visit(Reach::Text),
            Self::Json(json) if json.is_query() => visit(Reach::Query),
            Self::Value(_)
            | Self::Json(_)
            | Self::Unencodable { .. }
            | Self::TooDeep
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
            | Self::Row(_)
            | Self::And(_)
            | Self::Or(_)
            | Self::Not(_)
            | Self::Truth(_) => {}
        }
    }

    /// Visits the values of rows around that the expression reads, when it stands in a query that is inside another one:
    /// how many queries further out the row is, 1 for the one directly around, and the path from it.
    pub(crate) fn each_outer(&self, visit: &mut dyn FnMut(usize, Option<&'static PathNode>)) {
        self.each_reach(&mut |reach| match reach {
            Reach::Outer(outer) => {
                outer.value.each_path(&mut |path| visit(1, path));
                outer.value.each_outer(&mut |up, path| visit(up + 1, path));
            }
            Reach::Inside(expr) => expr.each_outer(&mut |up, path| {
                if up > 1 {
                    visit(up - 1, path);
                }
            }),
            Reach::Column(_) | Reach::Row(_) | Reach::Query | Reach::Text => {}
        });
        self.each_part(&mut |part| part.each_outer(visit));
    }

    /// Visits the paths of the query's own rows that the expression uses, those that its subqueries use included.
    pub(crate) fn each_path(&self, visit: &mut dyn FnMut(Option<&'static PathNode>)) {
        self.each_reach(&mut |reach| match reach {
            Reach::Column(column) => visit(column.path),
            Reach::Row(path) => visit(path),
            Reach::Inside(expr) => expr.each_outer(&mut |up, path| {
                if up == 1 {
                    visit(path);
                }
            }),
            Reach::Outer(_) | Reach::Query | Reach::Text => {}
        });
        self.each_part(&mut |part| part.each_path(visit));
    }
}

impl Subquery {
    fn each_reach(&self, visit: &mut dyn FnMut(Reach<'_>)) {
        visit(Reach::Query);
        self.value().into_iter().for_each(|value| visit(Reach::Inside(value)));
        self.query().each_expr(&mut |expr| visit(Reach::Inside(expr)));
    }
}
