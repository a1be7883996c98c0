//! The SQL of updates and deletions by query.

use super::SqlWriter;
use super::fitted::name_of_identity;
use super::uses::Uses;
use crate::sql::Query;
use crate::sql::ast::{Expr, Set};
use crate::table::{Seen, TableInfo};

/// The alias of the table that an upsert writes, once [`written_as_alias`](SqlWriter::written_as_alias) was called, before
/// any other is taken.
pub(crate) const WRITTEN: &str = "t0";

impl SqlWriter {
    /// Takes the alias [`WRITTEN`] for the table that an upsert writes.
    pub(crate) fn written_as_alias(&mut self) {
        self.seen.push(Seen::Table(self.table));
        self.aliases += 1;
    }

    /// `DELETE` of the rows that the query would fetch.
    pub(crate) fn delete(&mut self, query: &Query) {
        self.seen.push(Seen::Table(query.table));
        self.push("DELETE FROM ");
        self.name(query.table.name);
        self.chosen(query);
    }

    /// `UPDATE` of the rows that the query would fetch.
    pub(crate) fn update(&mut self, query: &Query, sets: &[Set]) {
        let uses = sets.iter().map(|set| Uses::of(&set.value)).collect::<Vec<_>>();
        if uses.iter().any(|uses| !uses.is_plain()) {
            return self.update_from(query, sets);
        }
        uses.iter().for_each(|uses| self.check_depth(uses));
        self.seen.push(Seen::Table(query.table));
        self.push("UPDATE ");
        self.name(query.table.name);
        self.push(" SET ");
        for (i, set) in sets.iter().enumerate() {
            if i > 0 {
                self.push(", ");
            }
            self.name(set.column.name);
            self.push(" = ");
            self.checked(set, |sql| sql.operand(&set.value));
        }
        self.chosen(query);
    }

    /// As [`update`](Self::update) where values depend on other rows: `UPDATE … FROM` computes all of them before it
    /// changes the first row.
    fn update_from(&mut self, query: &Query, sets: &[Set]) {
        let (written, computed) = (self.aliases, self.aliases + 1);
        self.aliases += 2;
        self.push("UPDATE ");
        self.name(query.table.name);
        self.push(" AS t");
        self.number(written);
        for (i, set) in sets.iter().enumerate() {
            self.push(if i == 0 { " SET " } else { ", " });
            self.name(set.column.name);
            self.push(" = ");
            self.checked(set, |sql| {
                sql.push("t");
                sql.number(computed);
                sql.push(".v");
                sql.number(i);
            });
        }
        let query = chosen_query(query);
        let values = sets.iter().map(|set| &set.value);
        self.enter_as(query.table, Uses::query(values, &query), true);
        self.push(" FROM (SELECT ");
        let identity = self.named_identity(query.table);
        for (i, set) in sets.iter().enumerate() {
            self.push(", ");
            self.operand(&set.value);
            self.push(" AS v");
            self.number(i);
        }
        self.rows_of(&query);
        self.order(&query.order);
        self.end_of_order(&query);
        self.limit(&query);
        self.leave();
        self.push(") AS t");
        self.number(computed);
        for (i, name) in identity.iter().enumerate() {
            self.push(if i == 0 { " WHERE t" } else { " AND t" });
            self.number(written);
            self.push(".");
            self.name(name);
            self.push(" = t");
            self.number(computed);
            self.push(".");
            self.push(&name_of_identity(i));
        }
    }

    /// Writes the value that a column is set to. One that is computed passes a function that refuses what the field cannot
    /// hold: the table may be one that lets it in.
    fn checked(&mut self, set: &Set, write: impl FnOnce(&mut Self)) {
        let checked = match set.value {
            Expr::Value(_) | Expr::Unencodable { .. } => None,
            _ => set.column.checked_by,
        };
        let Some(function) = checked else { return write(self) };
        self.push(function);
        self.push("(");
        write(self);
        self.push(", '");
        self.push(&set.column.name.replace('\'', "''"));
        self.push("')");
    }

    /// What an upsert sets a column of the row that is there to; a column of a related row is looked up.
    pub(crate) fn assigned(&mut self, table: &'static TableInfo, set: &Set) {
        self.checked(set, |sql| sql.assigned_value(table, &set.value));
    }

    fn assigned_value(&mut self, table: &'static TableInfo, value: &Expr) {
        let uses = Uses::of(value);
        self.check_depth(&uses);
        if uses.is_plain() {
            return self.operand(value);
        }
        self.push("(SELECT ");
        self.enter_as(table, uses, true);
        self.operand(value);
        self.push(" FROM ");
        self.from();
        self.push(" WHERE ");
        self.identity(table, self.alias(None));
        self.push(" = ");
        self.leave();
        self.identity(table, Some(0));
        self.push(")");
    }

    /// The condition that exactly the rows of the query meet.
    fn chosen(&mut self, query: &Query) {
        let uses = Uses::rows(query);
        if query.is_unlimited() && uses.is_plain() {
            self.check_depth(&uses);
            return self.filters(query);
        }
        self.push(" WHERE ");
        self.identity(query.table, None);
        self.push(" IN (");
        self.select_identity(&chosen_query(query));
        self.push(")");
    }
}

/// The query of the rows to change. Which rows a limit leaves depends on the order, so there is always one then.
fn chosen_query(query: &Query) -> Query {
    if query.is_unlimited() { Query { order: Vec::new(), ..query.clone() } } else { query.clone().ordered() }
}
