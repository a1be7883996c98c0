//! The SQL of what several queries give together, and of columns of queries that stand in the place of a table.

use super::SqlWriter;
use super::uses::Uses;
use super::windows::windows_of;
use crate::error::Error;
use crate::sql::ast::{Derived, DerivedColumn, Selected};
use crate::sql::{Giving, Query, United};

impl SqlWriter {
    /// The queries, in the place of the table.
    pub(super) fn together(&mut self, together: &United) {
        let compares = together.compares();
        self.push("(");
        self.giving(&together.first, compares, true);
        for (how, other) in &together.others {
            self.push(how.as_sql());
            self.giving(other, compares, false);
        }
        self.push(")");
        if let Some(alias) = self.alias(None) {
            self.push(" AS t");
            self.number(alias);
        }
    }

    /// One of the queries. The first says the names.
    pub(super) fn giving(&mut self, giving: &Giving, compares: bool, named: bool) {
        let Giving { query, columns } = giving;
        let columns: Vec<_> = columns
            .iter()
            .cloned()
            .map(|column| Selected { by_value: compares || column.by_value, ..column })
            .collect();
        let settled;
        // What is combined has no order and no limit of its own, but a query inside of it has.
        let query = if query.is_unlimited() {
            settled = Query { order: Vec::new(), ..query.clone() };
            &settled
        } else {
            self.push("SELECT * FROM (");
            query
        };
        self.enter(query.table, Uses::query(columns.iter().map(|column| &column.expr), query));
        self.is_part();
        let ends = windows_of(columns.iter().map(|column| &column.expr), query);
        self.push("SELECT ");
        self.with_windows(&ends, |sql| if named { sql.named_columns(&columns) } else { sql.columns(&columns) });
        self.rows_of(query);
        self.with_windows(&ends, |sql| sql.order(&query.order));
        self.end_of_order(query);
        self.limit(query);
        self.leave();
        if !query.is_unlimited() {
            self.push(")");
        }
    }

    /// A column of a query that stands in the place of the table, or beside it.
    pub(super) fn derived(&mut self, derived: &Derived) {
        match &derived.column {
            DerivedColumn::United { position, .. } => {
                if let Some(alias) = self.alias(None) {
                    self.push("t");
                    self.number(alias);
                    self.push(".");
                }
                self.push("c");
                self.number(position);
            }
            DerivedColumn::NotSelected(value) => {
                let (table, value) = (self.table.name.to_owned(), value.clone().into_owned());
                self.push("NULL");
                self.error.get_or_insert(Error::NotSelected { table, value });
            }
            DerivedColumn::Depth => self.depth(),
        }
    }
}
