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

    fn values(&mut self, value: &Expr, query: &Query, name: &str) {
        self.enter(query.table, Uses::query([value], query));
        let value = [Selected::by_value(value.clone())];
        let ends = windows_of(&value, query);
        self.push("SELECT ");
        self.with_windows(&ends, |sql| sql.columns(&value));
        self.push(name);
        self.rows_of(query);
        self.with_windows(&ends, |sql| sql.order(&query.order));
        self.end_of_order(query);
        self.limit(query);
        self.leave();
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
