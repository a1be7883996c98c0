//! The SQL of subqueries, of values of the rows around them, and of the user.

use super::SqlWriter;
use super::uses::Uses;
use super::windows::windows_of;
use crate::error::Error;
use crate::sql::Query;
use crate::sql::ast::{Expr, Fragment, Outer, Selected, Subquery};
use crate::table::TableInfo;

impl SqlWriter {
    /// A query that is a list of values, with or without those that are `NULL`.
    pub(super) fn list(&mut self, select: &Subquery, skips_null: bool) {
        let (query, Some(value)) = (select.query(), select.value()) else { return };
        self.check_groups(query, value);
        if !skips_null || !value.facts().nullable {
            return self.values(value, query, "");
        }
        let is_there = Expr::IsNull { value: value.clone().into(), negated: true };
        if query.is_unlimited() && query.grouping.is_none() {
            return self.values(value, &query.clone().filtered(is_there), "");
        }
        self.push("SELECT v FROM (");
        self.values(value, query, " AS v");
        self.push(") WHERE v IS NOT NULL");
    }

    /// The rows of a list: a value each, or several values of a row. Those of a query that groups or sorts by the row around
    /// are called `v`, `v1` and so on.
    fn values(&mut self, value: &Expr, query: &Query, name: &str) {
        let parts: Vec<&Expr> = if let Expr::Row(parts) = value { parts.iter().collect() } else { vec![value] };
        let looks_outside = query.is_arranged_by_outer();
        if looks_outside {
            self.push("SELECT v");
            for i in 1..parts.len() {
                self.push(", v");
                self.number(i);
            }
            self.push(" FROM (");
        }
        self.enter(query.table, Uses::query([value], query));
        let ends = windows_of(parts.iter().copied(), query);
        self.push("SELECT ");
        self.with_windows(&ends, |sql| {
            for (i, part) in parts.iter().enumerate() {
                sql.push(if i == 0 { "" } else { ", " });
                sql.selected(&Selected::by_value((*part).clone()));
                sql.push(if looks_outside { " AS v" } else { name });
                if i > 0 && looks_outside {
                    sql.number(i);
                }
            }
        });
        self.outer_keys(parts.len(), query);
        self.rows_of(query);
        self.with_windows(&ends, |sql| sql.order(&query.order));
        self.end_of_order(query);
        self.limit(query);
        self.leave();
        self.push(if looks_outside { ")" } else { "" });
    }

    /// The keys that read rows around, as columns after so many others: SQLite finds the tables of rows around in columns and
    /// conditions, and neither in `GROUP BY` nor in `ORDER BY`, which take the number of a column.
    pub(super) fn outer_keys(&mut self, columns: usize, query: &Query) {
        if !query.is_arranged_by_outer() {
            return;
        }
        let mut written = columns;
        self.outer_groups(&mut written, query);
        let sorts = query.order.iter().map(|key| self.outer_key(&key.value, &mut written)).collect();
        if let Some(scope) = self.scope_mut() {
            scope.sorts = sorts;
        }
    }

    /// As [`outer_keys`](Self::outer_keys), of a query whose order does not matter.
    pub(super) fn outer_groups(&mut self, written: &mut usize, query: &Query) {
        if !query.groups_by_outer() {
            return;
        }
        let groups = query.grouping.iter().flat_map(|grouping| &grouping.keys);
        let groups = groups.map(|key| self.outer_key(key, written)).collect();
        if let Some(scope) = self.scope_mut() {
            scope.groups = groups;
        }
    }

    /// The number of the column that a key is, if it has to be one.
    fn outer_key(&mut self, key: &Expr, written: &mut usize) -> Option<usize> {
        if !key.looks_outside() {
            return None;
        }
        *written += 1;
        self.push(", ");
        self.comparable(key);
        Some(*written)
    }

    fn check_groups(&mut self, query: &Query, value: &Expr) {
        if query.is_undetermined_window(value) {
            self.error.get_or_insert_with(|| Error::window_of_groups(query.table.name));
        }
        if let Some(value) = query.undetermined() {
            let value = Selected::new(value.clone()).name().into_owned();
            self.error.get_or_insert_with(|| Error::NotGrouped { table: query.table.name.to_owned(), value });
        }
    }

    /// A value of the row of the query around.
    pub(super) fn outer(&mut self, outer: &Outer) {
        let here = self.here;
        let around = self.scope().and_then(|scope| scope.around);
        let found = around.and_then(|around| self.scopes.get(around)).map(|scope| scope.root);
        if found.is_none_or(|found| outer.root.is_some_and(|root| root != found)) {
            self.push("NULL");
            return self.is_not_in_query(outer.root, found);
        }
        self.here = around;
        self.operand(&outer.value);
        self.here = here;
    }

    pub(super) fn is_not_in_query(&mut self, table: Option<&'static TableInfo>, found: Option<&'static TableInfo>) {
        let name = |table: &'static TableInfo| table.name.to_owned();
        let table = name(table.unwrap_or(self.table));
        self.error.get_or_insert_with(|| Error::NotInQuery { table, found: found.map(name) });
    }

    /// SQL of the user where its value counts, in the form of its type.
    pub(super) fn fragment_by_value(&mut self, fragment: &Fragment) {
        let Some(function) = fragment.canonical else { return self.fragment(fragment) };
        self.push(function);
        self.push("(");
        self.fragment(fragment);
        self.push(", ");
        self.literal("a piece of SQL");
        self.push(")");
    }

    /// SQL of the user.
    pub(super) fn fragment(&mut self, fragment: &Fragment) {
        self.may_format |= fragment.may_format();
        let here = self.scope().map_or(self.table, |scope| scope.root);
        if let Some(root) = fragment.roots.iter().find(|root| **root != here) {
            self.is_not_in_query(Some(root), Some(here));
        }
        let pieces = match &fragment.pieces {
            Ok(pieces) => pieces,
            Err(reason) => {
                let (sql, reason) = (fragment.text.to_owned(), reason.clone());
                self.push("NULL");
                self.error.get_or_insert(Error::SqlFragment { sql, reason });
                return;
            }
        };
        self.push("(");
        let mut parts = fragment.parts.iter();
        for piece in pieces {
            self.push(piece);
            if let Some(part) = parts.next() {
                self.factor(part);
            }
        }
        self.push(")");
    }
}
