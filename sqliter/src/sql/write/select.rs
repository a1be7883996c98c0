//! Writing queries.

use super::SqlWriter;
use super::fitted;
use super::uses::Uses;
use super::windows::windows_of;
use crate::sql::Query;
use crate::sql::ast::{Expr, Selected, SortKey};

impl SqlWriter {
    /// `SELECT columns FROM table` with everything that the query says.
    pub(crate) fn select(&mut self, columns: &[Selected], query: &Query) {
        self.enter(query.table, Uses::query(columns.iter().map(|column| &column.expr), query));
        let ends = windows_of(columns.iter().map(|column| &column.expr), query);
        self.push("SELECT ");
        self.with_windows(&ends, |sql| sql.columns(columns));
        self.rows_of(query);
        self.with_windows(&ends, |sql| sql.order(&query.order));
        self.end_of_order(query);
        self.limit(query);
        self.leave();
    }

    /// Aggregates of what a query gives, which they name `c0`, `c1` and so on.
    pub(crate) fn over(&mut self, aggregates: &[Selected], given: &[Selected], query: &Query) {
        self.push("SELECT ");
        self.columns(aggregates);
        self.push(" FROM (SELECT ");
        self.enter(query.table, Uses::query(given.iter().map(|column| &column.expr), query));
        let ends = windows_of(given.iter().map(|column| &column.expr), query);
        self.with_windows(&ends, |sql| {
            for (i, column) in given.iter().enumerate() {
                sql.push(if i == 0 { "" } else { ", " });
                sql.operand(&column.expr);
                sql.push(" AS c");
                sql.number(i);
            }
        });
        self.rows_of(query);
        self.with_windows(&ends, |sql| sql.order(&query.order));
        self.end_of_order(query);
        self.limit(query);
        self.leave();
        self.push(")");
    }

    /// Asks how SQLite goes about a query.
    pub(crate) fn explain(&mut self, columns: &[Selected], query: &Query) {
        self.push("EXPLAIN QUERY PLAN ");
        self.select(columns, query);
    }

    /// The keys of the rows that the query would fetch.
    pub(crate) fn select_keys(&mut self, query: &Query) {
        self.select(&[Selected::new(Expr::column(None, query.table.key_column()))], query);
    }

    /// The last of the rows that the query would fetch, when a limit or an offset says which these are.
    pub(crate) fn select_last(&mut self, columns: &[Selected], query: &Query) {
        self.enter(query.table, Uses::query(columns.iter().map(|column| &column.expr), query));
        self.push("SELECT ");
        for i in 0..columns.len() {
            self.push(if i == 0 { "c" } else { ", c" });
            self.number(i);
        }
        self.push(" FROM (SELECT ");
        let windows = windows_of(columns.iter().map(|column| &column.expr), query);
        self.with_windows(&windows, |sql| {
            sql.named_columns(columns);
            sql.named_keys(&query.order);
        });
        let ends = self.named_ends_of_order(query);
        let collations: Vec<_> = query.order.iter().map(|key| self.collation(&key.value, &[])).collect();
        self.rows_of(query);
        self.with_windows(&windows, |sql| sql.order(&query.order));
        self.end_of_order(query);
        self.limit(query);
        self.leave();
        self.push(")");
        let reversed = query.order.iter().cloned().map(SortKey::reversed);
        for (i, (key, collation)) in reversed.zip(collations).enumerate() {
            self.push(if i == 0 { " ORDER BY k" } else { ", k" });
            self.number(i);
            self.say(collation);
            self.direction(&key);
        }
        let ascending = query.order.last().is_some_and(|last| last.descending);
        for i in 0..ends {
            self.push(", e");
            self.number(i);
            self.push(if ascending { "" } else { " DESC" });
        }
        self.push(" LIMIT 1");
    }

    /// Columns as `c0`, `c1` and so on.
    pub(super) fn named_columns(&mut self, columns: &[Selected]) {
        for (i, column) in columns.iter().enumerate() {
            self.push(if i == 0 { "" } else { ", " });
            self.selected(column);
            self.push(" AS c");
            self.number(i);
        }
    }

    /// What rows are sorted by as `k0`, `k1` and so on.
    pub(super) fn named_keys(&mut self, order: &[SortKey]) {
        for (i, key) in order.iter().enumerate() {
            self.push(", ");
            self.operand(&key.value);
            self.push(" AS k");
            self.number(i);
        }
    }

    /// The order of a query, around a query that names its keys and its ends.
    pub(super) fn order_by_names(&mut self, query: &Query) {
        for (i, key) in query.order.iter().enumerate() {
            self.push(if i == 0 { " ORDER BY k" } else { ", k" });
            self.number(i);
            let collation = self.collation(&key.value, &[]);
            self.say(collation);
            self.direction(key);
        }
        let descending = query.order.last().is_some_and(|last| last.descending);
        for i in 0..self.ends_of_order(query).len() {
            self.push(", e");
            self.number(i);
            self.push(if descending { " DESC" } else { "" });
        }
    }

    /// What tells the rows apart that the query would fetch.
    pub(super) fn select_identity(&mut self, query: &Query) {
        if let Some(condition) = &query.qualify {
            return self.select_qualified(query, condition);
        }
        let start = self.text.len();
        self.enter(query.table, Uses::query([], query));
        self.is_part();
        self.push("SELECT ");
        let looks_outside = query.is_arranged_by_outer();
        if looks_outside {
            let columns = self.named_identity(query.table).len();
            self.outer_keys(columns, query);
            let names: Vec<_> = (0..columns).map(fitted::name_of_identity).collect();
            self.text.insert_str(start, &format!("SELECT {} FROM (", names.join(", ")));
        } else {
            self.identity_columns(query.table, self.alias(None));
        }
        self.rows_of(query);
        let ends = windows_of([], query);
        self.with_windows(&ends, |sql| sql.order(&query.order));
        self.end_of_order(query);
        self.limit(query);
        self.leave();
        self.push(if looks_outside { ")" } else { "" });
    }

    /// Everything between the columns and the order.
    pub(super) fn rows_of(&mut self, query: &Query) {
        self.push(" FROM ");
        match (&query.together, &query.reached) {
            (Some(together), _) => self.together(together),
            (None, Some(reached)) => self.reached_rows(reached),
            (None, None) => self.from(),
        }
        self.filters(query);
        let Some(grouping) = &query.grouping else { return };
        for (i, key) in grouping.keys.iter().enumerate() {
            self.push(if i == 0 { " GROUP BY " } else { ", " });
            match self.scope().and_then(|scope| *scope.groups.get(i)?) {
                Some(column) => self.number(column),
                None => self.comparable(key),
            }
        }
        if !grouping.having.is_empty() {
            self.push(" HAVING ");
            self.joined(grouping.having.iter(), " AND ");
        }
    }

    /// Their aliases are not written: SQLite would take a sort key for the alias of the same name. Whoever reads the rows
    /// knows the names of the columns from their description.
    pub(super) fn columns(&mut self, columns: &[Selected]) {
        for (i, column) in columns.iter().enumerate() {
            if i > 0 {
                self.push(", ");
            }
            self.selected(column);
        }
    }

    /// `SELECT COUNT(*)` of the rows that the query would fetch.
    pub(crate) fn count(&mut self, query: &Query) {
        self.push("SELECT COUNT(*)");
        if query.is_unlimited() && query.grouping.is_none() {
            self.enter(query.table, Uses::rows(query));
            self.rows_of(query);
            self.leave();
        } else {
            self.push(" FROM (");
            self.one_per_row(query);
            self.push(")");
        }
    }

    /// `SELECT EXISTS` of the rows that the query would fetch.
    pub(crate) fn exists(&mut self, query: &Query) {
        self.push("SELECT EXISTS (");
        self.one_per_row(query);
        self.push(")");
    }

    /// A row for each that the query would fetch; the order does not matter for how many there are.
    pub(crate) fn one_per_row(&mut self, query: &Query) {
        self.enter(query.table, Uses::rows(query));
        // An aggregate makes one group of all rows when there are no keys.
        self.push(if query.grouping.is_some() { "SELECT COUNT(*)" } else { "SELECT 1" });
        self.outer_groups(&mut 1, query);
        self.rows_of(query);
        self.limit(query);
        self.leave();
    }
}
