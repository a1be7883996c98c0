//! Statements that change rows, as plain data.

use std::time::SystemTime;

use super::ast::{Arithmetic, Expr, Function, Json, JsonChange, Nested, Selected, Set};
use super::{Deleted, Query};
use crate::error::Operation;
use crate::table::{ColumnInfo, TableInfo};
use crate::value::Value;

/// The values of a row, beside their columns.
pub(crate) type RowValues = Vec<(&'static ColumnInfo, Value)>;

/// `INSERT` of one row.
#[derive(Debug)]
pub(crate) struct Insert {
    pub(crate) table: &'static TableInfo,
    /// The other columns get their defaults.
    pub(crate) row: RowValues,
    pub(crate) conflict: Option<Conflict>,
    /// Values of the row that was written, of its own columns.
    pub(crate) returning: Vec<Selected>,
}

/// What an insert does instead when a row with the same values in these columns is there.
#[derive(Debug, Clone)]
pub(crate) struct Conflict {
    pub(crate) columns: Vec<&'static ColumnInfo>,
    /// What is written into that row. Nothing: it stays as it is.
    pub(crate) update: Vec<UpsertSet>,
    /// Whether the columns are unique among the rows alone that are not deleted softly.
    pub(crate) live: bool,
}

/// A column of the row that is there, and what is written into it.
#[derive(Debug, Clone)]
pub enum UpsertSet {
    /// The value of the new row.
    New(&'static ColumnInfo),
    /// The document of the new row, with changes that are made one after the other; in JSONB, if it is binary.
    Changed { column: &'static ColumnInfo, changes: Vec<JsonChange>, is_binary: bool },
    /// What is computed from the row that is there.
    Set(Set),
}

impl UpsertSet {
    pub(crate) const fn column(&self) -> &'static ColumnInfo {
        match self {
            Self::New(column) | Self::Changed { column, .. } => column,
            Self::Set(set) => set.column,
        }
    }

    /// Makes a change of a document the next one of what is written already. Any other assignment is given back.
    pub(crate) fn followed_by(&mut self, next: Set) -> Option<Set> {
        if let Self::Set(before) = self {
            return before.followed_by(next);
        }
        let Some((change, is_binary)) = next.document_change() else { return Some(next) };
        let change = change.clone();
        match self {
            Self::New(column) => *self = Self::Changed { column, changes: vec![change], is_binary },
            Self::Changed { changes, .. } => changes.push(change),
            Self::Set(_) => return Some(next),
        }
        None
    }

    /// What is written where the new row is known, with its value in the column.
    pub(crate) fn with_new(&self, value: &Value) -> Set {
        match self {
            Self::New(column) => Set { column, value: Expr::Value(value.clone()) },
            Self::Changed { column, changes, is_binary } => {
                let changed = |document: Expr, change: &JsonChange| {
                    let (document, change) = (document.into(), change.clone());
                    Expr::Json(Box::new(Json::Changed { document, change, is_binary: *is_binary }))
                };
                Set { column, value: changes.iter().fold(Expr::Value(value.clone()), changed) }
            }
            Self::Set(set) => set.clone(),
        }
    }
}

/// `UPDATE` of the rows that a query would fetch.
#[derive(Debug)]
pub(crate) struct Update {
    pub(crate) rows: Query,
    pub(crate) sets: Vec<Set>,
    /// As for [`Insert`].
    pub(crate) returning: Vec<Selected>,
}

impl Update {
    /// With what every update of a row writes besides, unless it is set: the time of the update, and the next version.
    pub(crate) fn touching(rows: Query, mut sets: Vec<Set>, now: SystemTime, returning: Vec<Selected>) -> Self {
        let table = rows.table;
        for column in table.columns {
            let is_set = sets.iter().any(|set| set.column.name == column.name);
            if let (Some(clock), false) = (column.now, is_set) {
                sets.push(Set { column, value: Expr::value(clock(now), column.name) });
            }
        }
        sets.extend(Set::next_version(table));
        Self { rows, sets, returning }
    }

    /// What columns are set to, where it is known beforehand.
    pub(crate) fn assigned(&self) -> impl Iterator<Item = (&'static ColumnInfo, &Value)> {
        self.sets.iter().filter_map(|set| {
            let Expr::Value(value) = &set.value else { return None };
            Some((set.column, value))
        })
    }
}

impl Set {
    /// The version after the stored one, if the table has versions.
    pub(crate) fn next_version(table: &TableInfo) -> Option<Self> {
        let column = table.version_column()?;
        let [left, right] = [Expr::column(None, column), Expr::Value(Value::Integer(1))].map(Nested::from);
        Some(Self { column, value: Expr::Arithmetic { left, operator: Arithmetic::Add, right } })
    }
}

/// `DELETE` of the rows that a query would fetch, or their soft deletion.
#[derive(Debug)]
pub(crate) struct Delete {
    pub(crate) rows: Query,
    /// What is written into the rows where they are deleted softly; else nothing.
    pub(crate) marks: Vec<Set>,
    /// As for [`Insert`].
    pub(crate) returning: Vec<Selected>,
}

impl Delete {
    /// Deletes the rows as their model says: softly, or for good.
    pub(crate) fn new(rows: Query, now: SystemTime, returning: Vec<Selected>) -> Self {
        let mark = rows.table.soft_delete_column().and_then(|column| Some((column, column.deleted?)));
        let Some((column, deleted)) = mark else { return Self::for_good(rows, returning) };
        let now_deleted = Expr::value(deleted(now), column.name);
        let value = match rows.deleted {
            Deleted::LeftOut => now_deleted,
            // What was deleted before keeps its time.
            Deleted::Included | Deleted::Only => {
                let arguments = [Expr::column(None, column), now_deleted].into();
                Expr::Call { function: Function::Coalesce, arguments }
            }
        };
        let set = Set { column, value };
        let Update { rows, sets: marks, returning } = Update::touching(rows, vec![set], now, returning);
        Self { rows, marks, returning }
    }

    /// Deletes the rows, whatever their model says.
    pub(crate) const fn for_good(rows: Query, returning: Vec<Selected>) -> Self {
        Self { rows, marks: Vec::new(), returning }
    }

    /// What it is to SQLite: a soft deletion is an update.
    pub(crate) const fn operation(&self) -> Operation {
        if self.marks.is_empty() { Operation::Delete } else { Operation::Update }
    }
}
