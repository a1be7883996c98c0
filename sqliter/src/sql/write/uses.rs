//! What a query joins.

use std::sync::Arc;

use super::search::SearchJoin;
use crate::sql::ast::{Expr, Function, RelatedTest, Search};
use crate::sql::{Beside, Query};
use crate::table::PathNode;

/// What a query needs besides its own table.
#[derive(Default)]
pub(super) struct Uses {
    /// Each path once, after the one before it.
    pub(super) joins: Vec<Join>,
    pub(super) subqueries: bool,
    /// The full-text searches that say something of the rows, each once.
    pub(super) searches: Vec<SearchJoin>,
    /// The value of a search that SQLite cannot compute there, as the query groups its rows or has windows.
    pub(super) search_too_late: Option<Search>,
    /// Whether an expression of it is deeper than SQLite takes.
    pub(super) too_deep: bool,
    /// The related rows that the query may join.
    beside: Vec<Arc<Beside>>,
    /// Whether each row has a number of steps that lead to it.
    pub(super) has_depth: bool,
    /// Related rows of another query.
    pub(super) of_another: Option<&'static PathNode>,
}

/// A table that a query joins.
pub(super) struct Join {
    pub(super) path: &'static PathNode,
    /// Whether rows without the related row are left out anyhow, so that SQLite may begin with the joined table.
    pub(super) inner: bool,
    /// Which rows of a to-many relation.
    pub(super) beside: Option<Arc<Beside>>,
}

impl Uses {
    pub(super) fn path(&mut self, path: Option<&'static PathNode>) {
        let Some(path) = path else { return };
        if self.joins.iter().any(|join| join.path.is_same(path)) {
            return;
        }
        self.path(path.before);
        let beside = self.beside.iter().find(|beside| beside.path.is_same(path)).cloned();
        if let Some(beside) = &beside {
            let mut directly_around = |up, path| {
                if up == 1 {
                    self.path(path)
                }
            };
            beside.rows.each_expr(&mut |expr| expr.each_outer(&mut directly_around));
        } else if path.number != 0 {
            self.of_another = Some(path);
        }
        self.joins.push(Join { path, inner: beside.as_ref().is_some_and(|beside| beside.inner), beside });
    }

    /// Of a query that joins related rows.
    fn with(beside: &[Arc<Beside>]) -> Self {
        let mut uses = Self { beside: beside.to_vec(), ..Self::default() };
        beside.iter().filter(|beside| beside.counts()).for_each(|beside| uses.path(Some(beside.path)));
        uses
    }

    /// What a query selects, filters, groups and sorts by.
    pub(super) fn query<'e>(columns: impl IntoIterator<Item = &'e Expr>, query: &Query) -> Self {
        let mut uses = Self::with(&query.beside);
        let columns: Vec<_> = columns.into_iter().collect();
        columns.iter().for_each(|column| uses.whole(column));
        uses.rows_of(query);
        query.order.iter().for_each(|key| uses.whole(&key.value));
        uses.inner_joins(&query.filters);
        if !uses.searches.is_empty() {
            uses.search_too_late = search_too_late(&columns, query);
        }
        uses
    }

    /// What the rows that a query would fetch depend on, but for their order.
    pub(super) fn rows(query: &Query) -> Self {
        let mut uses = Self::with(&query.beside);
        uses.rows_of(query);
        uses.inner_joins(&query.filters);
        uses
    }

    fn rows_of(&mut self, query: &Query) {
        self.subqueries |= query.within.is_some() || query.reached.is_some();
        self.has_depth = query.reached.as_ref().is_some_and(|reached| reached.has_depth());
        query.filters.iter().chain(&query.qualify).for_each(|filter| self.whole(filter));
        if let Some(grouping) = &query.grouping {
            grouping.keys.iter().chain(&grouping.having).for_each(|expr| self.whole(expr));
        }
    }

    /// What a value needs.
    pub(super) fn of(expr: &Expr) -> Self {
        let mut uses = Self::default();
        uses.whole(expr);
        uses
    }

    /// What a condition needs that rows must meet.
    pub(super) fn filter(condition: &Expr) -> Self {
        let mut uses = Self::of(condition);
        uses.inner_joins(std::slice::from_ref(condition));
        uses
    }

    /// Whether the query's own table is enough.
    pub(super) const fn is_plain(&self) -> bool {
        self.joins.is_empty() && !self.subqueries
    }

    /// What an expression needs that is in no other one.
    fn whole(&mut self, expr: &Expr) {
        self.too_deep |= expr.is_too_deep();
        self.expr(expr);
    }

    pub(super) fn expr(&mut self, expr: &Expr) {
        if has_subquery(expr) {
            self.subqueries = true;
            self.searches_of(expr);
        }
        expr.each_path(&mut |path| self.path(path));
    }

    fn searches_of(&mut self, expr: &Expr) {
        expr.each_search_value(&mut |search| {
            if !self.searches.iter().any(|known| known.search.is_of_same(search)) {
                self.searches.push(SearchJoin { search: search.clone(), is_matched: false });
            }
        });
    }

    /// Finds what the filters say of the joins, when all of these are known.
    fn inner_joins(&mut self, filters: &[Expr]) {
        for join in &mut self.searches {
            let mut find = |search: &Search| join.is_matched |= join.search.is_of_same(search);
            filters.iter().for_each(|filter| filter.each_match(&mut find));
        }
        if !self.joins.is_empty() {
            filters.iter().for_each(|filter| self.needed_by(filter));
        }
    }

    /// Finds the related rows without which a condition cannot be true. To leave one out costs speed and nothing else.
    #[expect(clippy::wildcard_enum_match_arm, reason = "a join that is no inner one is right too")]
    fn needed_by(&mut self, condition: &Expr) {
        match condition {
            Expr::And(parts) => parts.iter().for_each(|part| self.needed_by(part)),
            Expr::Compare { left, right, .. } | Expr::TextBy { value: left, other: right, .. } => {
                self.needed_by_value(left);
                self.needed_by_value(right);
            }
            Expr::Between { value, low, high } => {
                self.needed_by_value(value);
                self.needed_by_value(low);
                self.needed_by_value(high);
            }
            Expr::IsNull { value, negated: true } | Expr::Text { value, .. } => self.needed_by_value(value),
            // Everything is not in an empty list, NULL too.
            Expr::InList { value, list, negated } if !negated || !list.is_empty() => self.needed_by_value(value),
            Expr::InSelect { value, negated: false, .. } => self.needed_by_value(value),
            Expr::Related { path, test: RelatedTest::Any, .. } => self.needed(*path),
            Expr::HasValue { column, .. } => self.needed(column.path),
            Expr::Search(search) if search.is_condition() => self.needed(search.path),
            _ => {}
        }
    }

    /// Finds the related rows without which a value is `NULL`.
    #[expect(clippy::wildcard_enum_match_arm, reason = "as for `needed_by`")]
    fn needed_by_value(&mut self, value: &Expr) {
        match value {
            Expr::Column(column) => self.needed(column.path),
            Expr::Arithmetic { left, right, .. } => {
                self.needed_by_value(left);
                self.needed_by_value(right);
            }
            Expr::Call { function, arguments } if *function != Function::Coalesce => {
                arguments.iter().for_each(|argument| self.needed_by_value(argument));
            }
            Expr::DatePart { value, .. } => self.needed_by_value(value),
            _ => {}
        }
    }

    fn needed(&mut self, mut path: Option<&'static PathNode>) {
        while let Some(node) = path {
            if let Some(join) = self.joins.iter_mut().find(|join| join.path.is_same(node)) {
                join.inner = true;
            }
            path = node.before;
        }
    }
}

/// Whether a column in the expression may stand beside the tables of a query inside of it.
fn has_subquery(expr: &Expr) -> bool {
    match expr {
        Expr::Related { .. } | Expr::RelatedValue { .. } | Expr::RelatedFirst(_) => true,
        Expr::InSelect { .. } | Expr::Select(_) | Expr::Exists(_) | Expr::Outer(_) => true,
        // It joins a table whose columns have the names of these.
        Expr::Search(search) => !search.is_condition(),
        Expr::Fragment(fragment) if fragment.has_query() => true,
        Expr::Json(json) if json.is_query() => true,
        Expr::Column(_)
        | Expr::Value(_)
        | Expr::Unencodable { .. }
        | Expr::TooDeep
        | Expr::Row(_)
        | Expr::Fragment(_)
        | Expr::Json(_)
        | Expr::HasValue { .. }
        | Expr::Linked { .. }
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
        | Expr::And(_)
        | Expr::Or(_)
        | Expr::Not(_)
        | Expr::Truth(_) => {
            let mut has = false;
            expr.each_part(&mut |part| has |= has_subquery(part));
            has
        }
    }
}

/// The value of a search that is asked for in a query that groups its rows, or selects or sorts by windows.
fn search_too_late(columns: &[&Expr], query: &Query) -> Option<Search> {
    let grouping = query.grouping.as_ref();
    let parts = grouping.into_iter().flat_map(|grouping| grouping.keys.iter().chain(&grouping.having));
    let all = columns.iter().copied().chain(query.order.iter().map(|key| &key.value));
    let is_late = grouping.is_some() || all.clone().any(|expr| expr.has_window() || expr.has_aggregate());
    all.chain(parts).filter(|_| is_late).find_map(Expr::search_of_row_at_hand)
}
