//! Writing SQL.

use std::fmt::Write as _;
use std::sync::Arc;

use super::Query;
use crate::engine::{Argument, Statement};
use crate::error::{Error, Result};
use crate::expr::ast::{Expr, Nulls, Set, SortKey, TextTest};
use crate::model::{ColumnInfo, TableInfo};
use crate::value::Value;

/// How many conditions stand side by side before they are nested.
const MOST_IN_A_ROW: usize = 100;

/// A statement in the making. Values are always bound; names are always quoted.
pub(crate) struct SqlWriter {
    text: String,
    arguments: Vec<Argument>,
    /// The first value that has no form in SQLite.
    error: Option<Error>,
    table: &'static TableInfo,
}

impl SqlWriter {
    pub(crate) fn new(table: &'static TableInfo) -> Self {
        Self { text: String::with_capacity(128), arguments: Vec::new(), error: None, table }
    }

    pub(crate) fn finish(self) -> Result<Statement> {
        match self.error {
            Some(error) => Err(error),
            None => Ok(Statement { text: self.text, arguments: self.arguments }),
        }
    }

    pub(crate) fn push(&mut self, sql: &str) {
        self.text.push_str(sql);
    }

    /// A name in double quotes, those inside doubled.
    pub(crate) fn name(&mut self, name: &str) {
        self.text.push('"');
        for (i, part) in name.split('"').enumerate() {
            if i > 0 {
                self.text.push_str("\"\"");
            }
            self.text.push_str(part);
        }
        self.text.push('"');
    }

    /// Names separated by commas.
    pub(crate) fn names(&mut self, columns: impl IntoIterator<Item = &'static ColumnInfo>) {
        for (i, column) in columns.into_iter().enumerate() {
            if i > 0 {
                self.text.push_str(", ");
            }
            self.name(column.name);
        }
    }

    pub(crate) fn bind(&mut self, value: Value) {
        self.text.push('?');
        self.arguments.push(Argument::Value(value));
    }

    fn bind_list(&mut self, list: Arc<[Value]>) {
        self.text.push('?');
        self.arguments.push(Argument::List(list));
    }

    fn number(&mut self, number: impl std::fmt::Display) {
        // Writing to a String cannot fail.
        let _ = write!(self.text, "{number}");
    }

    /// `SELECT columns FROM table` with everything that the query says.
    pub(crate) fn select(&mut self, columns: impl IntoIterator<Item = &'static ColumnInfo>, query: &Query) {
        self.push("SELECT ");
        self.names(columns);
        self.push(" FROM ");
        self.name(query.table.name);
        self.filters(&query.filters);
        self.order(&query.order);
        self.limit(query);
    }

    /// `SELECT COUNT(*)` of the rows that the query would fetch.
    pub(crate) fn count(&mut self, query: &Query) {
        self.push("SELECT COUNT(*) FROM ");
        if query.is_unlimited() {
            self.name(query.table.name);
            self.filters(&query.filters);
        } else {
            self.push("(");
            self.ones(query);
            self.push(")");
        }
    }

    /// `SELECT EXISTS` of the rows that the query would fetch.
    pub(crate) fn exists(&mut self, query: &Query) {
        self.push("SELECT EXISTS (");
        self.ones(query);
        self.push(")");
    }

    /// `SELECT 1` a row; the order does not matter for how many there are.
    fn ones(&mut self, query: &Query) {
        self.push("SELECT 1 FROM ");
        self.name(query.table.name);
        self.filters(&query.filters);
        self.limit(query);
    }

    /// `DELETE` of the rows that the query would fetch.
    pub(crate) fn delete(&mut self, query: &Query) {
        self.push("DELETE FROM ");
        self.name(query.table.name);
        self.chosen(query);
    }

    /// `UPDATE` of the rows that the query would fetch.
    pub(crate) fn update(&mut self, query: &Query, sets: &[Set]) {
        self.push("UPDATE ");
        self.name(query.table.name);
        self.push(" SET ");
        for (i, set) in sets.iter().enumerate() {
            if i > 0 {
                self.push(", ");
            }
            self.name(set.column.name);
            self.push(" = ");
            self.operand(&set.value);
        }
        self.chosen(query);
    }

    /// The condition that exactly the rows of the query meet.
    fn chosen(&mut self, query: &Query) {
        if query.is_unlimited() {
            self.filters(&query.filters);
            return;
        }
        let key = query.table.key_column();
        self.push(" WHERE ");
        self.name(key.name);
        self.push(" IN (");
        // Which rows a limit leaves depends on the order, so there is always one.
        self.select([key], &query.clone().ordered());
        self.push(")");
    }

    fn filters(&mut self, filters: &[Expr]) {
        if filters.len() > MOST_IN_A_ROW {
            self.push(" WHERE ");
            return self.joined(filters, " AND ");
        }
        for (i, filter) in filters.iter().enumerate() {
            self.push(if i == 0 { " WHERE " } else { " AND " });
            match filter {
                Expr::Or(_) if filters.len() > 1 => self.parenthesised(filter),
                _ => self.condition(filter),
            }
        }
    }

    fn order(&mut self, keys: &[SortKey]) {
        for (i, key) in keys.iter().enumerate() {
            self.push(if i == 0 { " ORDER BY " } else { ", " });
            self.comparable(&key.value);
            if key.descending {
                self.push(" DESC");
            }
            match key.nulls {
                Some(Nulls::First) => self.push(" NULLS FIRST"),
                Some(Nulls::Last) => self.push(" NULLS LAST"),
                None => {}
            }
        }
    }

    /// Limits are written as numbers: a bound limit makes SQLite prepare the statement anew at every execution.
    fn limit(&mut self, query: &Query) {
        let clamp = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
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

    fn parenthesised(&mut self, expr: &Expr) {
        self.push("(");
        self.condition(expr);
        self.push(")");
    }

    /// A part of a larger condition.
    fn part(&mut self, expr: &Expr) {
        match expr {
            Expr::And(_) | Expr::Or(_) | Expr::Not(_) | Expr::Between { .. } => self.parenthesised(expr),
            _ => self.condition(expr),
        }
    }

    /// Many parts are nested in halves: SQLite takes a chain of operators as a tree as deep as the chain is long, and
    /// [limits the depth](https://www.sqlite.org/limits.html#max_expr_depth) to 1000.
    fn joined(&mut self, parts: &[Expr], operator: &str) {
        if parts.len() > MOST_IN_A_ROW {
            let (left, right) = parts.split_at(parts.len() / 2);
            self.push("(");
            self.joined(left, operator);
            self.push(")");
            self.push(operator);
            self.push("(");
            self.joined(right, operator);
            self.push(")");
            return;
        }
        for (i, part) in parts.iter().enumerate() {
            if i > 0 {
                self.push(operator);
            }
            self.part(part);
        }
    }

    fn condition(&mut self, expr: &Expr) {
        match expr {
            Expr::Compare { left, operator, right } => {
                self.comparable(left);
                self.push(operator.as_sql());
                self.operand(right);
            }
            Expr::Between { value, low, high } => {
                self.comparable(value);
                self.push(" BETWEEN ");
                self.operand(low);
                self.push(" AND ");
                self.operand(high);
            }
            Expr::InList { value, list, negated } => {
                self.comparable(value);
                self.push(if *negated { " NOT IN rarray(" } else { " IN rarray(" });
                self.bind_list(Arc::clone(list));
                self.push(")");
            }
            Expr::IsNull { value, negated } => {
                self.operand(value);
                self.push(if *negated { " IS NOT NULL" } else { " IS NULL" });
            }
            Expr::Text { value, test } => self.text_test(value, test),
            Expr::And(parts) => self.joined(parts, " AND "),
            Expr::Or(parts) => self.joined(parts, " OR "),
            Expr::Not(inner) => {
                // Not SQL's NOT, for which unknown stays unknown.
                self.parenthesised(inner);
                self.push(" IS NOT TRUE");
            }
            Expr::Column(_) | Expr::Value(_) | Expr::Unencodable { .. } | Expr::Arithmetic { .. } => self.operand(expr),
        }
    }

    fn text_test(&mut self, value: &Expr, test: &TextTest) {
        let text = |text: &str| Value::Text(text.to_owned());
        let bytes = |text: &str| Value::Blob(text.as_bytes().to_vec());
        match test {
            TextTest::Like(pattern) => {
                self.operand(value);
                self.push(" LIKE ");
                self.bind(text(pattern));
                self.push(" ESCAPE '\\'");
            }
            // The empty text is part of every text.
            TextTest::StartsWith(part)
            | TextTest::EndsWith(part)
            | TextTest::Contains(part)
            | TextTest::FoldedStartsWith(part)
            | TextTest::FoldedEndsWith(part)
            | TextTest::FoldedContains(part)
                if part.is_empty() =>
            {
                self.operand(value);
                self.push(" IS NOT NULL");
            }
            TextTest::StartsWith(start) => {
                self.operand(value);
                self.push(" >= ");
                self.bind(text(start));
                if let Some(end) = after_prefix(start) {
                    self.push(" AND ");
                    self.operand(value);
                    self.push(" < ");
                    self.bind(Value::Text(end));
                }
            }
            // On bytes, because the text functions stop at a NUL character. UTF-8 makes both the same.
            TextTest::EndsWith(end) => {
                self.push("substr(CAST(");
                self.operand(value);
                self.push(" AS BLOB), -");
                self.number(end.len());
                self.push(") = ");
                self.bind(bytes(end));
            }
            TextTest::Contains(part) => {
                self.push("instr(");
                self.operand(value);
                self.push(", ");
                self.bind(text(part));
                self.push(") > 0");
            }
            TextTest::FoldedStartsWith(start) => {
                let folded = crate::engine::fold_case(start);
                self.push("substr(CAST(fold_case(");
                self.operand(value);
                self.push(") AS BLOB), 1, ");
                self.number(folded.len());
                self.push(") = ");
                self.bind(bytes(&folded));
            }
            TextTest::FoldedEndsWith(end) => {
                let folded = crate::engine::fold_case(end);
                self.push("substr(CAST(fold_case(");
                self.operand(value);
                self.push(") AS BLOB), -");
                self.number(folded.len());
                self.push(") = ");
                self.bind(bytes(&folded));
            }
            TextTest::FoldedContains(part) => {
                self.push("instr(fold_case(");
                self.operand(value);
                self.push("), ");
                self.bind(Value::Text(crate::engine::fold_case(part)));
                self.push(") > 0");
            }
            TextTest::Regex(pattern) => {
                self.operand(value);
                self.push(" REGEXP ");
                self.bind(text(pattern));
            }
        }
    }

    /// A value to compare or sort by, with the collating sequence of its column.
    fn comparable(&mut self, expr: &Expr) {
        self.operand(expr);
        if let Expr::Column(ColumnInfo { collation: Some(collation), .. }) = expr {
            self.push(" COLLATE ");
            self.name(collation);
        }
    }

    fn operand(&mut self, expr: &Expr) {
        match expr {
            Expr::Column(column) => self.name(column.name),
            Expr::Value(value) => self.bind(value.clone()),
            Expr::Unencodable { column, error } => {
                self.push("NULL");
                self.error.get_or_insert_with(|| Error::Encode {
                    table: self.table.name.to_owned(),
                    column: column.name.to_owned(),
                    reason: error.0.clone(),
                });
            }
            Expr::Arithmetic { left, operator, right } => {
                self.operand(left);
                self.push(operator.as_sql());
                self.operand(right);
            }
            condition => self.parenthesised(condition),
        }
    }
}

/// The smallest text after all that start with the prefix; there is none when it is all `char::MAX`.
fn after_prefix(prefix: &str) -> Option<String> {
    let mut end = prefix.to_owned();
    while let Some(last) = end.pop() {
        // Counting characters up steps over the surrogates, which are none.
        if let Some(next) = (last..=char::MAX).nth(1) {
            end.push(next);
            return Some(end);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::after_prefix;

    #[test]
    fn the_end_of_a_prefix_is_the_next_character() {
        assert_eq!(after_prefix("ab").as_deref(), Some("ac"));
        assert_eq!(after_prefix("a\u{d7ff}").as_deref(), Some("a\u{e000}"));
        assert_eq!(after_prefix("a\u{10ffff}").as_deref(), Some("b"));
        assert_eq!(after_prefix("\u{10ffff}"), None);
    }
}
