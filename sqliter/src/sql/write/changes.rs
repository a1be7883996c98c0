//! The SQL of statements that change rows.

use super::SqlWriter;
use super::fitted::name_of_identity;
use super::uses::Uses;
use crate::error::Error;
use crate::sql::ast::{Expr, JsonChange, Selected, Set};
use crate::sql::{Conflict, Delete, Insert, Query, Update, UpsertSet};
use crate::table::{ColumnInfo, Seen, TableInfo};

/// The alias of the table that an upsert writes. It is the first one of the statement.
const UPSERTED: usize = 0;

impl SqlWriter {
    /// `INSERT` of a row.
    pub(crate) fn insert(&mut self, insert: &Insert) {
        let Insert { table, row, conflict, returning } = insert;
        self.push("INSERT INTO ");
        self.name(table.name);
        if conflict.is_some() {
            // What is computed from the row that is there calls the table by this name.
            self.seen.push(Seen::Table(table));
            self.push(" AS t");
            self.number(UPSERTED);
            self.aliases = UPSERTED + 1;
        }
        if row.is_empty() {
            self.push(" DEFAULT VALUES");
        } else {
            self.push(" (");
            self.names(row.iter().map(|(column, _)| *column));
            self.push(") VALUES (");
            for (i, (_, value)) in row.iter().enumerate() {
                self.push(if i == 0 { "" } else { ", " });
                self.bind(value.clone());
            }
            self.push(")");
        }
        if let Some(Conflict { columns, update, live }) = conflict {
            self.push(" ON CONFLICT (");
            self.names(columns.iter().copied());
            self.push(")");
            let deleted = table.soft_delete_column();
            if let (Some(column), true) = (deleted, live) {
                self.push(" WHERE ");
                self.is_deleted(column, None, false);
            }
            self.push(if update.is_empty() { " DO NOTHING" } else { " DO UPDATE SET " });
            for (i, change) in update.iter().enumerate() {
                self.push(if i == 0 { "" } else { ", " });
                self.name(change.column().name);
                self.push(" = ");
                match change {
                    UpsertSet::New(column) => self.of_new_row(column, &[], false),
                    UpsertSet::Changed { column, changes, is_binary } => self.of_new_row(column, changes, *is_binary),
                    UpsertSet::Set(set) => self.checked(set, |sql| sql.computed_from_stored(table, &set.value)),
                }
            }
            // A row that is deleted softly is not written: its values are taken all the same.
            if let (Some(column), false, false) = (deleted, live, update.is_empty()) {
                self.push(" WHERE ");
                self.is_deleted(column, Some(UPSERTED), false);
            }
        }
        self.returning(returning);
    }

    /// The value of the row that could not be inserted, or its document with changes.
    fn of_new_row(&mut self, column: &'static ColumnInfo, changes: &[JsonChange], is_binary: bool) {
        match changes.split_last() {
            Some((last, before)) => {
                self.json_change(last, is_binary, |sql| sql.of_new_row(column, before, is_binary));
            }
            None => {
                self.push("excluded.");
                self.name(column.name);
            }
        }
    }

    /// `DELETE` of the rows that the query would fetch, or what is written into them where they are deleted softly.
    pub(crate) fn delete(&mut self, delete: &Delete) {
        let Delete { rows, marks, returning } = delete;
        if !marks.is_empty() {
            return self.update_of(rows, marks, returning);
        }
        self.seen.push(Seen::Table(rows.table));
        self.push("DELETE FROM ");
        self.name(rows.table.name);
        self.where_chosen(rows);
        self.returning(returning);
    }

    /// `UPDATE` of the rows that the query would fetch.
    pub(crate) fn update(&mut self, update: &Update) {
        let Update { rows, sets, returning } = update;
        self.update_of(rows, sets, returning);
    }

    fn update_of(&mut self, rows: &Query, sets: &[Set], returning: &[Selected]) {
        let uses = sets.iter().map(|set| Uses::of(&set.value)).collect::<Vec<_>>();
        if uses.iter().all(Uses::is_plain) {
            uses.iter().for_each(|uses| self.check_depth(uses));
            self.update_alone(rows, sets);
        } else {
            self.update_from(rows, sets);
        }
        self.returning(returning);
    }

    /// As [`update`](Self::update) where the values depend on the row alone.
    fn update_alone(&mut self, query: &Query, sets: &[Set]) {
        self.seen.push(Seen::Table(query.table));
        self.push("UPDATE ");
        self.name(query.table.name);
        for (i, set) in sets.iter().enumerate() {
            self.push(if i == 0 { " SET " } else { ", " });
            self.name(set.column.name);
            self.push(" = ");
            self.checked(set, |sql| sql.operand(&set.value));
        }
        self.where_chosen(query);
    }

    /// What is given back of each row that was written.
    fn returning(&mut self, columns: &[Selected]) {
        if columns.is_empty() {
            return;
        }
        for column in columns {
            let uses = Uses::of(&column.expr);
            self.check_depth(&uses);
            if !uses.is_plain() {
                let (table, value) = (self.table.name.to_owned(), column.name().into_owned());
                self.error.get_or_insert(Error::ReturningRelated { table, value });
            }
        }
        self.push(" RETURNING ");
        self.columns(columns);
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
        let query = to_change(query);
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
        let is_computed = !matches!(set.value, Expr::Value(_) | Expr::Unencodable { .. });
        let Some(function) = set.column.checked_by.filter(|_| is_computed) else { return write(self) };
        self.push(function);
        self.push("(");
        write(self);
        self.push(", ");
        self.literal(set.column.name);
        self.push(")");
    }

    /// What is computed from the row that an upsert finds; a column of a related row is looked up.
    fn computed_from_stored(&mut self, table: &'static TableInfo, value: &Expr) {
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
        self.identity(table, Some(UPSERTED));
        self.push(")");
    }

    /// As [`where_fetched`](Self::where_fetched); remembers where it stands.
    fn where_chosen(&mut self, query: &Query) {
        let start = self.text.len();
        self.where_fetched(query);
        self.chosen_by = Some(start..self.text.len());
    }

    /// The condition that exactly the rows of the query meet.
    fn where_fetched(&mut self, query: &Query) {
        let uses = Uses::rows(query);
        if query.is_unlimited() && uses.is_plain() {
            self.check_depth(&uses);
            return self.filters(query);
        }
        self.push(" WHERE ");
        self.identity(query.table, None);
        self.push(" IN (");
        self.select_identity(&to_change(query));
        self.push(")");
    }
}

/// The query of the rows to change. Which rows a limit leaves depends on the order, so there is always one then.
fn to_change(query: &Query) -> Query {
    if query.is_unlimited() { Query { order: Vec::new(), ..query.clone() } } else { query.clone().ordered() }
}
