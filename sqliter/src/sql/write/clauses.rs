//! Writing the conditions, the order and the limit of a query.

use super::SqlWriter;
use crate::sql::Query;
use crate::sql::ast::{Expr, MOST_IN_A_ROW, Nulls, SortKey};
use crate::table::ColumnInfo;

impl SqlWriter {
    pub(super) fn filters(&mut self, query: &Query) {
        self.filters_from(0, query);
    }

    /// The same behind this number of conditions.
    pub(super) fn filters_from(&mut self, mut written: usize, query: &Query) {
        let Query { table, within, filters, .. } = query;
        if let Some(rows) = within {
            self.push(if written == 0 { " WHERE " } else { " AND " });
            self.identity(table, self.alias(None));
            self.push(" IN (");
            self.select_identity(rows);
            self.push(")");
            written += 1;
        }
        let chooses = std::mem::replace(&mut self.chooses, query.looks_at_many());
        self.filters_after(written, filters, query.deleted_test());
        self.chooses = chooses;
    }

    /// Conditions, and the one that soft deletion adds.
    pub(super) fn filters_after(
        &mut self,
        mut written: usize,
        filters: &[Expr],
        deleted: Option<(&'static ColumnInfo, bool)>,
    ) {
        let must_be_true = std::mem::replace(&mut self.must_be_true, true);
        let is_alone = written + filters.len() + usize::from(deleted.is_some()) == 1;
        if filters.len() > MOST_IN_A_ROW {
            self.push(if written == 0 { " WHERE " } else { " AND " });
            self.joined(filters.iter(), " AND ");
            written += filters.len();
        } else {
            for filter in filters {
                self.push(if written == 0 { " WHERE " } else { " AND " });
                if !is_alone && binds_looser_than_and(filter) {
                    self.parenthesised(filter);
                } else {
                    self.condition(filter);
                }
                written += 1;
            }
        }
        self.must_be_true = must_be_true;
        if let Some((column, only)) = deleted {
            self.push(if written == 0 { " WHERE " } else { " AND " });
            self.is_deleted(column, self.alias(None), only);
        }
    }

    pub(super) fn order(&mut self, keys: &[SortKey]) {
        for (i, key) in keys.iter().enumerate() {
            self.push(if i == 0 { " ORDER BY " } else { ", " });
            match self.scope().and_then(|scope| *scope.sorts.get(i)?) {
                Some(column) => self.number(column),
                None => self.comparable(&key.value),
            }
            self.direction(key);
        }
    }

    pub(super) fn direction(&mut self, key: &SortKey) {
        if key.descending {
            self.push(" DESC");
        }
        match key.nulls {
            Some(Nulls::First) => self.push(" NULLS FIRST"),
            Some(Nulls::Last) => self.push(" NULLS LAST"),
            None => {}
        }
    }

    /// Limits are written as numbers: a bound limit makes SQLite prepare the statement anew at every execution.
    pub(super) fn limit(&mut self, query: &Query) {
        match query.limit {
            Some(limit) => {
                self.push(" LIMIT ");
                self.number(clamp(limit));
            }
            None if query.offset > 0 => self.push(" LIMIT -1"),
            None => {}
        }
        if query.offset > 0 {
            self.push(" OFFSET ");
            self.number(clamp(query.offset));
        }
    }
}

/// Whether a condition would fall apart between two `AND`.
const fn binds_looser_than_and(condition: &Expr) -> bool {
    match condition {
        Expr::Or(_) => true,
        Expr::Column(_)
        | Expr::Value(_)
        | Expr::Unencodable { .. }
        | Expr::TooDeep
        | Expr::Compare { .. }
        | Expr::Between { .. }
        | Expr::InList { .. }
        | Expr::IsNull { .. }
        | Expr::Text { .. }
        | Expr::TextBy { .. }
        | Expr::Arithmetic { .. }
        | Expr::Call { .. }
        | Expr::DatePart { .. }
        | Expr::Case(_)
        | Expr::Aggregate(_)
        | Expr::Window(_)
        | Expr::Derived(_)
        | Expr::Related { .. }
        | Expr::RelatedValue { .. }
        | Expr::RelatedFirst(_)
        | Expr::Outer(_)
        | Expr::InSelect { .. }
        | Expr::Select(_)
        | Expr::Exists(_)
        | Expr::Row(_)
        | Expr::Fragment(_)
        | Expr::Json(_)
        | Expr::HasValue { .. }
        | Expr::Search(_)
        | Expr::Linked { .. }
        | Expr::And(_)
        | Expr::Not(_)
        | Expr::Truth(_) => false,
    }
}

pub(super) fn clamp(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
