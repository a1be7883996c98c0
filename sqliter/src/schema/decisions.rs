//! What must be told before a schema is changed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;

/// A column of a table, by their names in lower case.
type Place = (String, String);

/// What only a person knows about a change: what was renamed, what may be lost, and what the rows that exist get.
///
/// Names are compared whatever their case. A table is named as it should be, a column too where it is not said otherwise.
///
/// ```
/// use sqliter::schema::{Decisions, Schema};
///
/// let old = Schema::from_sql(["CREATE TABLE notes (pk INTEGER PRIMARY KEY, body TEXT, draft INTEGER)"])?;
/// let new = Schema::from_sql(["CREATE TABLE notes (pk INTEGER PRIMARY KEY, text TEXT NOT NULL)"])?;
/// let decisions = Decisions::new()
///     .rename_column("notes", "body", "text")
///     .value("notes", "text", "coalesce(text, '')")
///     .drop_column("notes", "draft");
/// assert!(old.diff(&new)?.sql(&decisions).is_ok());
/// # Ok::<(), sqliter::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Decisions {
    /// From the old name to the new one.
    pub(super) tables: BTreeMap<String, String>,
    /// From the old name, with the new name of the table, to the new one.
    pub(super) columns: BTreeMap<Place, String>,
    pub(super) dropped_columns: BTreeSet<Place>,
    pub(super) kept_columns: BTreeSet<Place>,
    pub(super) dropped: BTreeSet<String>,
    pub(super) kept: BTreeSet<String>,
    pub(super) values: BTreeMap<Place, String>,
    pub(super) satisfied: BTreeSet<String>,
}

impl Decisions {
    /// Nothing is decided.
    pub fn new() -> Self {
        Self::default()
    }

    /// A table has another name now.
    #[must_use]
    pub fn rename_table(mut self, old: &str, new: &str) -> Self {
        self.tables.insert(old.to_ascii_lowercase(), new.to_owned());
        self
    }

    /// A column has another name now.
    #[must_use]
    pub fn rename_column(mut self, table: &str, old: &str, new: &str) -> Self {
        self.columns.insert(place(table, old), new.to_owned());
        self
    }

    /// A column goes, with its values.
    #[must_use]
    pub fn drop_column(mut self, table: &str, column: &str) -> Self {
        self.dropped_columns.insert(place(table, column));
        self
    }

    /// A column stays, although nothing says that it should be there.
    #[must_use]
    pub fn keep_column(mut self, table: &str, column: &str) -> Self {
        self.kept_columns.insert(place(table, column));
        self
    }

    /// A table goes with its rows, or an index, a view or a trigger.
    #[must_use]
    pub fn drop(mut self, name: &str) -> Self {
        self.dropped.insert(name.to_ascii_lowercase());
        self
    }

    /// An index stays, although nothing says that it should be there.
    #[must_use]
    pub fn keep(mut self, index: &str) -> Self {
        self.kept.insert(index.to_ascii_lowercase());
        self
    }

    /// What the rows that exist get in a column: an SQL expression over the columns of the row, as they are called now. The
    /// column's own name leaves its value as it is, and the change fails, without a trace, where that does not fit.
    #[must_use]
    pub fn value(mut self, table: &str, column: &str, expression: &str) -> Self {
        self.values.insert(place(table, column), expression.to_owned());
        self
    }

    /// The rows of a table are known to satisfy its new constraints. Where they do not, the change fails without a trace.
    #[must_use]
    pub fn rows_satisfy(mut self, table: &str) -> Self {
        self.satisfied.insert(table.to_ascii_lowercase());
        self
    }

    /// The renames of the way back. What else must be decided there is another question.
    #[must_use]
    pub fn reversed(&self) -> Self {
        let mut reversed = Self::new();
        for (old, new) in &self.tables {
            reversed = reversed.rename_table(new, old);
        }
        for ((table, old), new) in &self.columns {
            let before = self.old_names(table).next().unwrap_or(table);
            reversed = reversed.rename_column(before, new, old);
        }
        reversed
    }

    /// With what the other one says besides.
    pub(crate) fn with(mut self, other: &Self) -> Self {
        let Self { tables, columns, dropped_columns, kept_columns, dropped, kept, values, satisfied } = other.clone();
        self.tables.extend(tables);
        self.columns.extend(columns);
        self.dropped_columns.extend(dropped_columns);
        self.kept_columns.extend(kept_columns);
        self.dropped.extend(dropped);
        self.kept.extend(kept);
        self.values.extend(values);
        self.satisfied.extend(satisfied);
        self
    }

    /// The names that a table had.
    pub(super) fn old_names<'d>(&'d self, table: &str) -> impl Iterator<Item = &'d str> {
        let renamed = self.tables.iter().filter(move |(_, new)| new.eq_ignore_ascii_case(table));
        renamed.map(|(old, _)| old.as_str())
    }

    pub(super) fn value_of(&self, table: &str, column: &str) -> Option<&str> {
        self.values.get(&place(table, column)).map(String::as_str)
    }
}

pub(super) fn place(table: &str, column: &str) -> Place {
    (table.to_ascii_lowercase(), column.to_ascii_lowercase())
}

/// Something that must be decided before a schema is changed, as it would lose data or may fail.
///
/// It prints as a sentence that names the answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "need")]
#[non_exhaustive]
pub enum Need {
    /// What becomes of a column that should not be there: [`rename_column`](Decisions::rename_column),
    /// [`drop_column`](Decisions::drop_column) or [`keep_column`](Decisions::keep_column).
    Column {
        /// The table.
        table: String,
        /// The column.
        column: String,
    },
    /// What becomes of an index that should not be there: [`drop`](Decisions::drop) or [`keep`](Decisions::keep).
    Index {
        /// The table.
        table: String,
        /// The index.
        index: String,
        /// What it does.
        definition: String,
    },
    /// What the rows that exist get in a column: [`value`](Decisions::value).
    Value {
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// Why.
        reason: String,
    },
    /// Whether the rows that exist satisfy a new constraint: [`rows_satisfy`](Decisions::rows_satisfy).
    Rows {
        /// The table.
        table: String,
        /// The constraint.
        constraint: String,
    },
    /// Whether a view or a trigger that no longer works is dropped: [`drop`](Decisions::drop). Otherwise it must be rewritten
    /// first.
    Broken {
        /// The view or the trigger.
        name: String,
        /// What SQLite says of it.
        reason: String,
    },
    /// Names that are said to have been swapped: the schema does not show whether that was done. Give one of them a third name
    /// first, in a migration before.
    RenamedInCircle {
        /// The tables, or the columns as `table.column`.
        names: Vec<String>,
    },
    /// What stands in the place of a table or an index. A view or a table there is dropped if that is [decided](Decisions::drop);
    /// otherwise it must be moved by hand.
    InTheWay {
        /// The name.
        name: String,
        /// The statement that created what is there.
        sql: String,
    },
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Column { table, column } => write!(
                f,
                "{table}.{column} is not among the columns that should be there: say that it was renamed (and to what), that \
                 it goes with its values, or that it stays"
            ),
            Self::Index { table, index, definition } => write!(
                f,
                "the index {index} of {table}, {definition}, is not among those that should be there: say that it goes or \
                 that it stays, or declare it"
            ),
            Self::Value { table, column, reason } => {
                write!(f, "{table}.{column} {reason}: say what the rows that exist get, as an SQL expression")
            }
            Self::Rows { table, constraint } => {
                write!(f, "rows of {table} may violate what is new, {constraint}: say that they satisfy it")
            }
            Self::Broken { name, reason } => {
                write!(f, "{name} works no longer ({reason}): say that it goes, or write it anew before")
            }
            Self::RenamedInCircle { names } => write!(
                f,
                "{} are told to have changed their names with each other, and nothing says whether that was done: give one of \
                 them a name of its own first, in a migration before this one",
                names.join(", ")
            ),
            Self::InTheWay { name, sql } => write!(f, "{name} is taken by something else, which must go first: {sql}"),
        }
    }
}
