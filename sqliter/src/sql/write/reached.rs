//! The SQL of rows that lead to each other: a recursive query beside the table.

use super::SqlWriter;
use super::uses::Uses;
use crate::error::Error;
use crate::sql::ast::{Expr, Selected};
use crate::sql::{Giving, Reached, Start};
use crate::value::Value;

/// What the recursive query is called. No table of a model has this name.
const ROWS: &str = "\"rows reached\"";

impl SqlWriter {
    /// The rows that are reached, joined to the table of the innermost query, and what that joins besides.
    pub(super) fn reached_rows(&mut self, reached: &Reached) {
        let Some((root, Some(alias))) = self.scope().map(|scope| (scope.root, scope.alias)) else { return };
        self.push("(WITH RECURSIVE ");
        self.push(ROWS);
        match &reached.from {
            Start::Below(key) => self.below(reached, key),
            Start::Above(key) => self.above(reached, key),
            Start::At(_) => self.all_below(reached),
        }
        self.push(") AS r");
        self.number(alias);
        self.push(" CROSS JOIN ");
        self.name(root.name);
        self.push(" AS t");
        self.number(alias);
        self.push(" ON ");
        self.linking(root, root.key_column(), alias);
        self.push(" = r");
        self.number(alias);
        self.push(".k");
        self.joins();
    }

    /// Each row has one parent, so that a way down that comes to a row twice comes to the first row again.
    fn below(&mut self, reached: &Reached, key: &Expr) {
        self.push("(k, d) AS (SELECT ");
        self.operand(key);
        self.push(", 0 UNION ALL ");
        self.step(reached, |sql, alias| {
            sql.depth_below(alias);
        });
        let alias = self.last_alias();
        self.push(" WHERE ");
        self.linking(reached.through.table, reached.through.table.key_column(), alias);
        self.push(" <> ");
        self.operand(key);
        self.end_of_step(reached, alias, 1);
        self.push(") SELECT k, d FROM ");
        self.push(ROWS);
        self.push(" WHERE d > 0");
    }

    /// The way up is one row after the other, and ends before it comes to one of them again.
    fn above(&mut self, reached: &Reached, key: &Expr) {
        let table = reached.through.table;
        self.push("(k, d, up, way) AS (SELECT ");
        let first = self.aliases;
        self.aliases += 1;
        self.linking(table, table.key_column(), first);
        self.push(", 0, ");
        self.linking(table, reached.parent.column, first);
        self.push(", '/' || hex(");
        self.linking(table, table.key_column(), first);
        self.push(") || '/' FROM ");
        self.name(table.name);
        self.push(" AS t");
        self.number(first);
        self.push(" WHERE ");
        self.linking(table, table.key_column(), first);
        self.push(" = ");
        self.operand(key);
        self.push(" UNION ALL ");
        self.step(reached, |sql, alias| {
            sql.depth_below(alias);
            sql.push(", ");
            sql.linking(table, reached.parent.column, alias);
            sql.push(", r");
            sql.number(alias);
            sql.push(".way || hex(");
            sql.linking(table, table.key_column(), alias);
            sql.push(") || '/'");
        });
        let alias = self.last_alias();
        self.push(" WHERE instr(r");
        self.number(alias);
        self.push(".way, '/' || hex(");
        self.linking(table, table.key_column(), alias);
        self.push(") || '/') = 0");
        self.end_of_step(reached, alias, 1);
        self.push(") SELECT k, d FROM ");
        self.push(ROWS);
        self.push(" WHERE d > 0");
    }

    /// The rows that the steps begin at, and all below them. Without a limit each row is a step once, so that a circle ends; with
    /// one it ends too.
    fn all_below(&mut self, reached: &Reached) {
        let Start::At(rows) = &reached.from else { return };
        let mut columns = vec![Selected::new(Expr::column(None, rows.table.key_column()))];
        if reached.levels.is_some() {
            columns.push(Selected::new(Expr::Value(Value::Integer(0))));
        }
        self.push(if reached.levels.is_some() { "(k, d) AS (" } else { "(k) AS (" });
        self.giving(&Giving { query: (**rows).clone(), columns }, false, false);
        self.push(" UNION ");
        self.step(reached, |sql, alias| {
            if reached.levels.is_some() {
                sql.depth_below(alias);
            }
        });
        let alias = self.last_alias();
        self.end_of_step(reached, alias, 0);
        self.push(if reached.levels.is_some() { ") SELECT DISTINCT k FROM " } else { ") SELECT k FROM " });
        self.push(ROWS);
    }

    /// Begins the query of one step from the rows before, up to where its conditions follow: opens a query, which
    /// [`end_of_step`](Self::end_of_step) closes.
    fn step(&mut self, reached: &Reached, further: impl FnOnce(&mut Self, usize)) {
        let Reached { parent, from, through, .. } = reached;
        let table = through.table;
        self.enter_as(table, Uses::rows(through), true);
        self.is_part();
        let alias = self.last_alias();
        self.push("SELECT ");
        self.linking(table, table.key_column(), alias);
        further(self, alias);
        self.push(" FROM ");
        self.push(ROWS);
        self.push(" AS r");
        self.number(alias);
        self.push(" CROSS JOIN ");
        self.name(table.name);
        self.push(" AS t");
        self.number(alias);
        self.push(" ON ");
        let (column, before) = match from {
            Start::Above(_) => (table.key_column(), ".up"),
            Start::Below(_) | Start::At(_) => (parent.column, ".k"),
        };
        self.linking(table, column, alias);
        self.push(" = r");
        self.number(alias);
        self.push(before);
        self.joins();
    }

    /// Behind this number of conditions, those that all rows must meet.
    fn end_of_step(&mut self, reached: &Reached, alias: usize, mut written: usize) {
        if let Some(levels) = reached.levels {
            self.push(if written == 0 { " WHERE r" } else { " AND r" });
            self.number(alias);
            self.push(".d < ");
            self.number(super::clamp(levels));
            written += 1;
        }
        self.filters_from(written, &reached.through);
        self.leave();
    }

    /// The alias of the table of the innermost query.
    fn last_alias(&self) -> usize {
        self.alias(None).unwrap_or_default()
    }

    fn depth_below(&mut self, alias: usize) {
        self.push(", r");
        self.number(alias);
        self.push(".d + 1");
    }

    /// How many steps lead to the row of the innermost query.
    pub(super) fn depth(&mut self) {
        let alias = self.scope().filter(|scope| scope.has_depth).and_then(|scope| scope.alias);
        if let Some(alias) = alias {
            self.push("r");
            self.number(alias);
            return self.push(".d");
        }
        self.push("NULL");
        let table = self.table.name;
        self.error.get_or_insert_with(|| Error::NoDepth { table: table.to_owned() });
    }
}
