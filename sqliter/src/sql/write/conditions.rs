//! The SQL of conditions and operands.

use std::sync::Arc;

use super::SqlWriter;
use crate::sql::ast::{ColumnRef, Comparison, Expr, MOST_IN_A_ROW, SearchValue, Several, TextTest};
use crate::value::Value;

const AND: &str = " AND ";

impl SqlWriter {
    pub(super) fn parenthesised(&mut self, expr: &Expr) {
        self.push("(");
        self.condition(expr);
        self.push(")");
    }

    /// A part of a larger condition.
    pub(super) fn nested(&mut self, expr: &Expr) {
        match expr {
            Expr::And(_)
            | Expr::Or(_)
            | Expr::Not(_)
            | Expr::Truth(_)
            | Expr::Between { .. }
            | Expr::Text { test: TextTest::StartsWith(_), .. } => self.parenthesised(expr),
            Expr::Compare { .. }
            | Expr::InList { .. }
            | Expr::InSelect { .. }
            | Expr::IsNull { .. }
            | Expr::Text { .. }
            | Expr::TextBy { .. }
            | Expr::RelatedFirst(_)
            | Expr::Related { .. }
            | Expr::HasValue { .. }
            | Expr::Search(_)
            | Expr::Linked { .. }
            | Expr::Outer(_)
            | Expr::Select(_)
            | Expr::Exists(_)
            | Expr::Row(_)
            | Expr::Fragment(_)
            | Expr::Json(_)
            | Expr::Column(_)
            | Expr::Value(_)
            | Expr::Unencodable { .. }
            | Expr::TooDeep
            | Expr::Arithmetic { .. }
            | Expr::Call { .. }
            | Expr::DatePart { .. }
            | Expr::Case(_)
            | Expr::Aggregate(_)
            | Expr::Window(_)
            | Expr::Derived(_)
            | Expr::RelatedValue { .. } => self.condition(expr),
        }
    }

    /// Conditions with an operator between them. All of no conditions is true, one of none false.
    pub(super) fn joined<'e>(&mut self, parts: impl ExactSizeIterator<Item = &'e Expr>, operator: &str) {
        if parts.len() == 0 {
            return self.push(if operator == AND { "TRUE" } else { "FALSE" });
        }
        if parts.len() > MOST_IN_A_ROW {
            let parts: Vec<_> = parts.collect();
            return self.halved(&parts, operator);
        }
        for (i, part) in parts.enumerate() {
            if i > 0 {
                self.push(operator);
            }
            self.nested(part);
        }
    }

    /// SQLite takes a chain of operators as a tree as deep as the chain is long, and
    /// [limits the depth](https://www.sqlite.org/limits.html#max_expr_depth) to 1000.
    fn halved(&mut self, parts: &[&Expr], operator: &str) {
        if parts.len() <= MOST_IN_A_ROW {
            return self.joined(parts.iter().copied(), operator);
        }
        let (left, right) = parts.split_at(parts.len() / 2);
        self.push("(");
        self.halved(left, operator);
        self.push(")");
        self.push(operator);
        self.push("(");
        self.halved(right, operator);
        self.push(")");
    }

    pub(super) fn condition(&mut self, expr: &Expr) {
        let (chooses, must_be_true) = (self.chooses, self.must_be_true);
        self.chooses = chooses && matches!(expr, Expr::And(_) | Expr::Or(_) | Expr::Related { .. });
        self.must_be_true = must_be_true && matches!(expr, Expr::And(_) | Expr::Search(_));
        self.any_condition(expr);
        (self.chooses, self.must_be_true) = (chooses, must_be_true);
    }

    fn any_condition(&mut self, expr: &Expr) {
        match expr {
            Expr::Compare { left, operator, right } => {
                match operator {
                    Comparison::Equal | Comparison::NotEqual => self.equated(left, Some(right)),
                    Comparison::Less | Comparison::LessOrEqual | Comparison::Greater | Comparison::GreaterOrEqual => {
                        self.compared(left, &[right])
                    }
                }
                self.push(operator.as_sql());
                self.operand(right);
            }
            Expr::Between { value, low, high } => {
                self.compared(value, &[low, high]);
                self.push(" BETWEEN ");
                self.operand(low);
                self.push(" AND ");
                self.operand(high);
            }
            Expr::InList { value, list, negated: false } if matches!(**value, Expr::Row(_)) => {
                self.in_rows(value, list);
            }
            Expr::InList { value, list, negated } => {
                self.equated(value, None);
                self.push(if *negated { " NOT IN rarray(" } else { " IN rarray(" });
                self.bind_list(Arc::clone(list));
                self.push(")");
            }
            Expr::InSelect { value, select, negated } => {
                self.equated(value, None);
                self.push(if *negated { " NOT IN (" } else { " IN (" });
                self.list(select, *negated);
                self.push(")");
            }
            Expr::Exists(select) => {
                // As for related rows, SQLite must make no join of it.
                self.push("+EXISTS (");
                self.one_per_row(select.query());
                self.push(")");
            }
            Expr::IsNull { value, negated } => {
                self.stored(value);
                self.push(if *negated { " IS NOT NULL" } else { " IS NULL" });
            }
            Expr::Text { value, test } => self.text_test(value, test),
            Expr::TextBy { value, test, other } => self.text_match(value, *test, other),
            Expr::And(parts) => self.joined(parts.iter(), AND),
            Expr::Or(parts) => self.joined(parts.iter(), " OR "),
            Expr::Not(inner) => {
                // Not SQL's NOT, for which unknown stays unknown.
                self.parenthesised(inner);
                self.push(" IS NOT TRUE");
            }
            Expr::Truth(inner) => {
                self.parenthesised(inner);
                self.push(" IS TRUE");
            }
            Expr::Related { path, relation, condition, test } => {
                self.related_test(*path, relation, condition, *test);
            }
            Expr::HasValue { column, value } => self.has_value(*column, value),
            Expr::Linked { relation, key } => self.is_linked_to(relation, key),
            Expr::Search(search) => match &search.what {
                SearchValue::Matches(words) => self.matches(search, words, self.must_be_true),
                SearchValue::Rank(_) | SearchValue::Snippet { .. } | SearchValue::Highlight { .. } => {
                    self.search_value(search);
                }
            },
            Expr::Column(_)
            | Expr::Value(_)
            | Expr::Unencodable { .. }
            | Expr::TooDeep
            | Expr::Arithmetic { .. }
            | Expr::Call { .. }
            | Expr::DatePart { .. }
            | Expr::Case(_)
            | Expr::Aggregate(_)
            | Expr::Window(_)
            | Expr::Derived(_)
            | Expr::Outer(_)
            | Expr::Select(_)
            | Expr::Row(_)
            | Expr::Fragment(_)
            | Expr::Json(_)
            | Expr::RelatedFirst(_)
            | Expr::RelatedValue { .. } => self.operand(expr),
        }
    }

    /// Several values in parentheses.
    fn row(&mut self, parts: &Several, write: impl Fn(&mut Self, &Expr)) {
        self.push("(");
        for (i, part) in parts.iter().enumerate() {
            self.push(if i == 0 { "" } else { ", " });
            write(self, part);
        }
        self.push(")");
    }

    /// Several values that are together those of one row of a list, in which all values stand one after another: so that a
    /// list of any length is one argument.
    fn in_rows(&mut self, row: &Expr, list: &Arc<[Value]>) {
        let Expr::Row(parts) = row else { return };
        let width = parts.len();
        self.equated(row, None);
        self.push(" IN (SELECT v0");
        for i in 1..width {
            self.push(", v");
            self.number(i);
        }
        self.push(" FROM (SELECT rowid AS n, value AS v0");
        for i in 1..width {
            self.push(", lead(value");
            if i > 1 {
                self.push(", ");
                self.number(i);
            }
            self.push(") OVER (ORDER BY rowid) AS v");
            self.number(i);
        }
        self.push(" FROM rarray(");
        self.bind_list(Arc::clone(list));
        self.push(")) WHERE n % ");
        self.number(width);
        self.push(" = 1)");
    }

    /// A value to compare, group or sort by, with its collating sequence.
    pub(super) fn comparable(&mut self, expr: &Expr) {
        self.compared(expr, &[]);
    }

    /// A value that is tested for being another one, or one of a list of values. Where equal ones have equal bytes, an
    /// index that knows no collating sequence of ours serves.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "a collating sequence that need not be said costs an index only"
    )]
    fn equated(&mut self, expr: &Expr, other: Option<&Expr>) {
        if let Expr::Row(parts) = expr {
            return self.row(parts, |sql, part| sql.equated(part, None));
        }
        let by_bytes = |expr: &Expr| match expr {
            Expr::Value(_) => true,
            Expr::Column(ColumnRef { column, .. }) => column.is_equal_by_bytes(),
            _ => false,
        };
        let is_column = matches!(expr, Expr::Column(_));
        let others = other.as_slice();
        if is_column && by_bytes(expr) && other.is_none_or(by_bytes) {
            self.operand(expr);
            self.say(self.collation_to_say(expr, others));
        } else {
            self.compared(expr, others);
        }
    }

    /// As [`comparable`](Self::comparable), beside others.
    fn compared(&mut self, expr: &Expr, others: &[&Expr]) {
        self.operand(expr);
        self.say(self.collation(expr, others));
    }

    /// The collating sequence of a value that is compared with others, where it must be said.
    pub(super) fn collation(&self, expr: &Expr, others: &[&Expr]) -> Option<&'static str> {
        expr.facts().collation.or_else(|| self.collation_to_say(expr, others))
    }

    /// Says a collating sequence.
    pub(super) fn say(&mut self, collation: Option<&'static str>) {
        if let Some(collation) = collation {
            self.push(" COLLATE ");
            self.name(collation);
        }
    }

    pub(super) fn operand(&mut self, expr: &Expr) {
        match expr {
            Expr::Column(column) => self.by_value(*column),
            Expr::Value(value) => self.bind(value.clone()),
            Expr::Unencodable { place, error } => {
                self.push("NULL");
                self.error.get_or_insert_with(|| error.clone().at(self.table.name, place));
            }
            Expr::TooDeep => {
                self.push("NULL");
                self.too_deep();
            }
            Expr::Arithmetic { left, operator, right } => {
                self.factor(left);
                self.push(operator.as_sql());
                self.factor(right);
            }
            Expr::Call { function, arguments } => self.call(*function, arguments),
            Expr::DatePart { value, part, moment } => self.date_part(value, *part, *moment),
            Expr::Case(case) => self.case(case),
            Expr::Aggregate(aggregate) => self.aggregate(aggregate),
            Expr::Window(window) => self.window(window),
            Expr::Derived(derived) => self.derived(derived),
            Expr::RelatedValue { hops, value, distinct } => self.related_value(hops, value, *distinct),
            Expr::RelatedFirst(first) => self.related_first(first),
            Expr::Outer(outer) => self.outer(outer),
            Expr::Select(select) => {
                self.push("(");
                self.list(select, false);
                self.push(")");
            }
            Expr::Fragment(fragment) => self.fragment_by_value(fragment),
            Expr::Search(search) if !search.is_condition() => self.search_value(search),
            Expr::Json(json) => self.json_by_value(json),
            Expr::Row(parts) => self.row(parts, Self::operand),
            Expr::Compare { .. }
            | Expr::Between { .. }
            | Expr::InSelect { .. }
            | Expr::Exists(_)
            | Expr::InList { .. }
            | Expr::IsNull { .. }
            | Expr::Text { .. }
            | Expr::TextBy { .. }
            | Expr::Related { .. }
            | Expr::HasValue { .. }
            | Expr::Search(_)
            | Expr::Linked { .. }
            | Expr::And(_)
            | Expr::Or(_)
            | Expr::Not(_)
            | Expr::Truth(_) => self.parenthesised(expr),
        }
    }
}
