//! The SQL of values over windows.

use super::SqlWriter;
use super::fitted::name_of_identity;
use super::uses::Uses;
use crate::error::Error;
use crate::sql::Query;
use crate::sql::ast::{Edge, Expr, Frame, SortKey, Window, WindowFunction};

/// The rows that windows of a query are over.
#[derive(Clone)]
pub(super) struct Windows {
    /// What tells the rows apart.
    ends: Vec<Expr>,
    /// What parts the rows, where those of several lists are read at once.
    parted_by: Option<&'static str>,
}

impl Windows {
    fn new(query: &Query) -> Self {
        Self { ends: query.ends(), parted_by: None }
    }

    /// Over the rows that have the same value, whatever else parts them.
    pub(super) fn parted_by(self, value: &'static str) -> Self {
        Self { parted_by: Some(value), ..self }
    }
}

/// The rows of a query, if something that it selects or sorts by is over windows.
pub(super) fn windows_of<'e>(columns: impl IntoIterator<Item = &'e Expr>, query: &'e Query) -> Option<Windows> {
    let mut values = columns.into_iter().chain(query.order.iter().map(|key| &key.value));
    values.any(Expr::has_window).then(|| Windows::new(query))
}

impl SqlWriter {
    /// Writes what may be over windows of the innermost query: what it selects and sorts by, after its rows are chosen.
    pub(super) fn with_windows(&mut self, windows: &Option<Windows>, write: impl FnOnce(&mut Self)) {
        if windows.is_some()
            && let Some(scope) = self.scope_mut()
        {
            scope.windows.clone_from(windows);
        }
        write(self);
        if let Some(scope) = self.scope_mut() {
            scope.windows = None;
        }
    }

    pub(super) fn window(&mut self, window: &Window) {
        // Nothing inside of it may be over a window.
        let Some(windows) = self.scope_mut().and_then(|scope| scope.windows.take()) else {
            self.push("NULL");
            return self.wrong_window(
                "it can be selected and sorted by, and rows are chosen by it with `qualify`; before that, when rows are filtered, \
                grouped, paged or changed, there are no windows yet",
            );
        };
        if let Some(reason) = window.wrong() {
            self.wrong_window(reason);
        }
        self.function_of_window(&window.function);
        self.push(" OVER (");
        let start = self.text.len();
        if let Some(value) = windows.parted_by {
            self.push("PARTITION BY ");
            self.push(value);
        }
        for value in window.over.partition.iter() {
            self.push(if self.text.len() == start { "PARTITION BY " } else { ", " });
            self.comparable(value);
        }
        let mut order = window.over.order.clone();
        if window.tells_ties_apart() {
            let descending = order.last().is_some_and(|key| key.descending);
            for value in &windows.ends {
                if order.iter().all(|key| key.value != *value) {
                    order.push(SortKey { value: value.clone(), descending, nulls: None });
                }
            }
        }
        if self.text.len() > start && !order.is_empty() {
            self.push(" ");
        }
        for (i, key) in order.iter().enumerate() {
            self.push(if i == 0 { "ORDER BY " } else { ", " });
            self.comparable(&key.value);
            self.direction(key);
        }
        if let Some(frame) = window.over.frame.as_ref().filter(|_| window.function.has_frame()) {
            self.frame(frame, start);
        }
        self.push(")");
        if let Some(scope) = self.scope_mut() {
            scope.windows = Some(windows);
        }
    }

    fn function_of_window(&mut self, function: &WindowFunction) {
        if let WindowFunction::Aggregate(aggregate) = function {
            return self.aggregate(aggregate);
        }
        self.push(function.as_sql());
        self.push("(");
        match function {
            WindowFunction::Aggregate(_)
            | WindowFunction::RowNumber
            | WindowFunction::Rank
            | WindowFunction::DenseRank
            | WindowFunction::PercentRank
            | WindowFunction::CumeDist => {}
            WindowFunction::Ntile(parts) => self.number(parts),
            WindowFunction::Lag { value, rows, otherwise } | WindowFunction::Lead { value, rows, otherwise } => {
                self.operand(value);
                self.push(", ");
                self.number(rows);
                if let Some(otherwise) = otherwise {
                    self.push(", ");
                    self.operand(otherwise);
                }
            }
            WindowFunction::FirstValue(value) | WindowFunction::LastValue(value) => self.operand(value),
            WindowFunction::NthValue(value, row) => {
                self.operand(value);
                self.push(", ");
                self.number(row);
            }
        }
        self.push(")");
    }

    fn frame(&mut self, frame: &Frame, start: usize) {
        let unit = frame.unit.as_sql();
        self.push(if self.text.len() > start { unit } else { unit.trim_start() });
        self.edge(frame.start);
        self.push(" AND ");
        self.edge(frame.end);
        if let Some(exclude) = frame.exclude {
            self.push(exclude.as_sql());
        }
    }

    fn edge(&mut self, edge: Edge) {
        match edge {
            Edge::Beginning => self.push("UNBOUNDED PRECEDING"),
            Edge::Preceding(distance) => {
                self.number(super::clamp(distance));
                self.push(" PRECEDING");
            }
            Edge::Current => self.push("CURRENT ROW"),
            Edge::Following(distance) => {
                self.number(super::clamp(distance));
                self.push(" FOLLOWING");
            }
            Edge::End => self.push("UNBOUNDED FOLLOWING"),
        }
    }

    /// What tells the rows apart of which a condition holds that is about the rows around each.
    pub(super) fn select_qualified(&mut self, query: &Query, condition: &Expr) {
        self.enter(query.table, Uses::query([], query));
        self.is_part();
        let start = self.text.len();
        let parts = self.named_identity(query.table).len();
        let identity = self.text.split_off(start);
        self.push("SELECT ");
        for i in 0..parts {
            self.push(if i == 0 { "" } else { ", " });
            self.push(&name_of_identity(i));
        }
        self.push(" FROM (SELECT ");
        self.push(&identity);
        self.push(", ");
        self.with_windows(&Some(Windows::new(query)), |sql| sql.operand(condition));
        self.push(" AS q");
        self.rows_of(query);
        self.leave();
        self.push(") WHERE q");
    }

    fn wrong_window(&mut self, reason: &str) {
        let table = self.table.name;
        self.error.get_or_insert_with(|| Error::Window { table: table.to_owned(), reason: reason.to_owned() });
    }
}
