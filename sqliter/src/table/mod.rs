//! The description of a table, as plain data.

// A kind that is added later must be thought of everywhere.
#![warn(clippy::wildcard_enum_match_arm)]

mod cached_sql;
mod declared;
mod fit;
mod group;
mod name;
mod path;
#[cfg(test)]
pub(crate) mod plain;
mod relation;
mod search;

pub use cached_sql::CachedSql;
pub(crate) use cached_sql::{RowStatement, Texts};
pub(crate) use declared::Check;
pub use declared::{CheckInfo, Collation, Generated, IndexInfo, IndexPart, Indexed};
pub(crate) use fit::{ColumnFit, FileColumn, FileKind, FileTable, Fit, Fits, Seen};
pub use group::{EmbedInfo, FieldPlace, GroupInfo, Part, columns, has_name_of_other, length_of_names, names, width};
pub(crate) use name::push_quoted;
pub use name::quoted;
pub(crate) use path::PathNode;
pub use relation::{Junction, JunctionInfo, Link, RelationInfo, Through};
pub use search::SearchInfo;

use crate::error::MUST_BE;
use crate::value::{EncodeError, Form, Storage, Value};

/// A table as its model describes it.
#[derive(Debug)]
pub struct TableInfo {
    /// The name of the model.
    pub model: &'static str,
    /// The name of the table.
    pub name: &'static str,
    /// The statement of the view, if the model is one.
    pub view: Option<&'static str>,
    /// The name that the table had before, if the model says that it was renamed.
    pub renamed_from: Option<&'static str>,
    /// The columns, in the order of the fields.
    pub columns: &'static [ColumnInfo],
    /// The fields that are groups of columns.
    pub groups: &'static [GroupInfo],
    /// The positions of the columns of the primary key among the columns, in the order of the key.
    pub key: &'static [usize],
    /// Whether SQLite chooses the key: `INTEGER PRIMARY KEY AUTOINCREMENT`.
    pub auto_key: bool,
    /// The position of the column that is raised by every update of its row, if there is one.
    pub version: Option<usize>,
    /// The position of the column that holds the time at which its row was deleted softly, if rows are.
    pub soft_delete: Option<usize>,
    /// Whether the table is created as [STRICT](https://www.sqlite.org/stricttables.html).
    pub strict: bool,
    /// Whether the table is created [`WITHOUT ROWID`](https://www.sqlite.org/withoutrowid.html).
    pub without_rowid: bool,
    /// The conditions that the model declares for a row as a whole.
    pub checks: &'static [CheckInfo],
    /// The constraints of the table that the model declares in SQL.
    pub constraints: &'static [&'static str],
    /// The indexes that the model declares.
    pub indexes: &'static [IndexInfo],
    /// The many-to-many relations that the model declares.
    pub junctions: &'static [JunctionInfo],
    /// The full-text search that the model declares, if it does.
    pub search: Option<SearchInfo>,
}

/// A database has one table of a name.
impl PartialEq for TableInfo {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl TableInfo {
    /// The column of the primary key, or the first of several. There is at least one, which the derive checks.
    pub const fn key_column(&self) -> &'static ColumnInfo {
        &self.columns[self.key[0]]
    }

    /// The columns of the primary key, in its order.
    pub fn key_columns(&self) -> impl Iterator<Item = &'static ColumnInfo> + Clone + use<> {
        let columns = self.columns;
        self.key.iter().filter_map(move |position| columns.get(*position))
    }

    /// Whether the column at a position belongs to the primary key.
    pub(crate) fn is_key(&self, position: usize) -> bool {
        self.key.contains(&position)
    }

    /// The column that is raised by every update of its row, if there is one.
    pub(crate) fn version_column(&self) -> Option<&'static ColumnInfo> {
        self.columns.get(self.version?)
    }

    /// The column that holds the time at which its row was deleted softly, if rows are.
    pub(crate) fn soft_delete_column(&self) -> Option<&'static ColumnInfo> {
        self.columns.get(self.soft_delete?)
    }

    /// Whether an index finds the rows with a value in a column: that of the key, of a foreign key, or a declared one.
    pub(crate) fn finds_by(&self, column: &ColumnInfo) -> bool {
        let begins = |index: &IndexInfo| {
            index.filter.is_none() && index.parts.first().is_some_and(|part| part.value == Indexed::Column(column.name))
        };
        column.unique
            || (column.references.is_some() && column.indexed)
            || column.name == self.key_column().name
            || self.indexes.iter().any(begins)
    }

    /// Whether the primary key has several columns.
    pub(crate) const fn has_composite_key(&self) -> bool {
        self.key.len() > 1
    }

    /// The columns that an insert writes: all but a key that SQLite chooses, and what it computes.
    pub(crate) fn inserted(&self) -> impl Iterator<Item = &'static ColumnInfo> + use<> {
        self.written(if self.auto_key { self.key } else { &[] })
    }

    /// The columns that an update of a row writes: all but the key, and what SQLite computes. Of a model that has no other
    /// it is the key: the update tells only whether the row is there.
    pub(crate) fn updated(&self) -> impl Iterator<Item = &'static ColumnInfo> + use<> {
        self.written(if self.writes_only_key() { &[] } else { self.key })
    }

    /// The columns beside the key whose values may be of any length, as their type keeps them to no form.
    pub(crate) fn columns_of_any_length(&self) -> impl Iterator<Item = &'static ColumnInfo> + use<> {
        self.written(self.key).filter(|column| column.is_of_any_length())
    }

    fn written(&self, skipped: &'static [usize]) -> impl Iterator<Item = &'static ColumnInfo> + use<> {
        let columns = self.columns.iter().enumerate();
        let written = columns.filter(move |(i, column)| !skipped.contains(i) && column.generated.is_none());
        written.map(|(_, column)| column)
    }

    /// Whether the key is the only column that is written.
    pub(crate) fn writes_only_key(&self) -> bool {
        self.columns.iter().enumerate().all(|(i, column)| self.is_key(i) || column.generated.is_some())
    }

    /// Whether SQLite computes columns.
    pub(crate) const fn has_generated(&self) -> bool {
        let mut columns = self.columns;
        while let [column, rest @ ..] = columns {
            if column.generated.is_some() {
                return true;
            }
            columns = rest;
        }
        false
    }
}

/// A column of a table.
#[derive(Debug, Clone, Copy)]
pub struct ColumnInfo {
    /// The name of the column.
    pub name: &'static str,
    /// What the name begins with, if the column belongs to an embedded struct.
    pub prefix: Option<&'static str>,
    /// The declared type.
    pub storage: Storage,
    /// Whether the column takes `NULL`.
    pub nullable: bool,
    /// Whether no two rows have the same value: by a `UNIQUE` constraint of the column, or because it is a natural key.
    pub unique: bool,
    /// The collating sequence by which values of the column's type are compared and sorted, if it is not `BINARY`.
    pub collation: Option<&'static str>,
    /// The collating sequence that the column is declared with.
    pub declared_collation: Collation,
    /// What SQLite computes the column from, if it is computed.
    pub generated: Option<Generated>,
    /// The conditions that the model declares for the column.
    pub checks: &'static [CheckInfo],
    /// The name that the column had before, if the model says that it was renamed.
    pub renamed_from: Option<&'static str>,
    /// What stands behind the name in the definition of the column, if the model says it in SQL.
    pub definition: Option<&'static str>,
    /// Whether a foreign key has an index, which the others have only when the model declares one.
    pub indexed: bool,
    /// The SQL function that gives the stored form of its values, if they may have several.
    pub(crate) canonical: Option<&'static str>,
    /// The table that the column refers to, if it is a foreign key.
    pub references: Option<ForeignKey>,
    /// What a stored value is shown as.
    pub(crate) form: Form,
    /// The condition of the `CHECK` constraint, given the quoted name of the column.
    pub(crate) check: fn(&str) -> Option<String>,
    /// What that condition asks for, in words, where its SQL does not tell.
    pub(crate) stored_as: Option<&'static str>,
    /// The SQL function that refuses what the field cannot hold, for values that an update computes.
    pub(crate) checked_by: Option<&'static str>,
    /// The value of the `DEFAULT` clause.
    pub(crate) default: Option<fn() -> Result<Value, EncodeError>>,
    /// The value of a given time, for `created_at` and `updated_at`, which an insert sets.
    pub(crate) inserted: Option<fn(std::time::SystemTime) -> Result<Value, EncodeError>>,
    /// The value of a given time, for `updated_at`, which an update by query sets unless told otherwise.
    pub(crate) now: Option<fn(std::time::SystemTime) -> Result<Value, EncodeError>>,
    /// The value of a given time, for the column that a soft deletion sets.
    pub(crate) deleted: Option<fn(std::time::SystemTime) -> Result<Value, EncodeError>>,
}

impl ColumnInfo {
    /// The constraint that keeps all but the values and forms of the column's type out, in a column of this name.
    pub(crate) fn check_constraint(&self, name: &str) -> Option<String> {
        let condition = (self.check)(&quoted(name))?;
        Some(match self.stored_as {
            Some(words) => format!("CONSTRAINT {} CHECK ({condition})", quoted(&format!("{name}{MUST_BE}{words}"))),
            // SQLite reports a condition that begins with a quoted name by that name alone, hence the second parentheses.
            None => format!("CHECK (({condition}))"),
        })
    }

    /// Whether its values may be of any length, as the type keeps them to no form.
    pub(crate) fn is_of_any_length(&self) -> bool {
        match self.storage {
            Storage::Integer | Storage::Real => false,
            Storage::Text | Storage::Blob | Storage::Any => (self.check)(self.name).is_none(),
        }
    }

    /// Whether equal values have equal bytes, as the table guarantees the form of the library or a function gives it.
    pub(crate) const fn is_equal_by_bytes(&self) -> bool {
        self.collation.is_none() || self.canonical.is_some()
    }

    /// Whether it compares by its bytes wherever it stands, with and without a collating sequence of ours.
    pub(crate) fn is_equal_by_bytes_alone(&self) -> bool {
        self.collation.is_none() && self.declared_collation == Collation::Binary
    }

    /// The conditions that the model declares for the column, as they are in a table.
    pub(crate) fn declared_checks(&self) -> impl Iterator<Item = Check> {
        self.checks.iter().map(|check| match self.prefix {
            None => Check { name: check.name.map(str::to_owned), condition: check.condition.to_owned() },
            Some(prefix) => check.in_group(prefix),
        })
    }

    /// As a column of an embedded struct.
    #[must_use]
    pub const fn embedded(mut self) -> Self {
        self.prefix = Some("");
        self
    }

    /// As a column whose values differ from row to row.
    #[must_use]
    pub const fn unique(mut self) -> Self {
        self.unique = true;
        self
    }

    /// With a `DEFAULT` clause.
    #[must_use]
    pub const fn default_value(mut self, default: fn() -> Result<Value, EncodeError>) -> Self {
        self.default = Some(default);
        self
    }

    /// With the actions of its foreign key, which restricts otherwise.
    #[must_use]
    pub const fn actions(mut self, on_delete: Action, on_update: Action) -> Self {
        if let Some(key) = self.references {
            self.references = Some(ForeignKey { on_delete, on_update, ..key });
        }
        self
    }

    /// With a foreign key that is looked at when the transaction ends.
    #[must_use]
    pub const fn deferrable(mut self) -> Self {
        if let Some(key) = self.references {
            self.references = Some(ForeignKey { deferrable: true, ..key });
        }
        self
    }

    /// With a collating sequence of its own.
    #[must_use]
    pub const fn collate(mut self, collation: Collation) -> Self {
        self.declared_collation = collation;
        self
    }

    /// As a column that SQLite computes.
    #[must_use]
    pub const fn generated(mut self, generated: Generated) -> Self {
        self.generated = Some(generated);
        self
    }

    /// With conditions.
    #[must_use]
    pub const fn checks(mut self, checks: &'static [CheckInfo]) -> Self {
        self.checks = checks;
        self
    }

    /// As a column that had another name before.
    #[must_use]
    pub const fn renamed_from(mut self, name: &'static str) -> Self {
        self.renamed_from = Some(name);
        self
    }

    /// As a column that is defined by this SQL.
    #[must_use]
    pub const fn defined_by(mut self, sql: &'static str) -> Self {
        self.definition = Some(sql);
        self
    }

    /// As a foreign key without an index.
    #[must_use]
    pub const fn without_index(mut self) -> Self {
        self.indexed = false;
        self
    }

    /// As a key that SQLite chooses, which refers to no other table.
    #[must_use]
    pub const fn auto_key(mut self) -> Self {
        self.references = None;
        self
    }
}

/// The reference of a foreign-key column to the primary key of another table.
#[derive(Debug, Clone, Copy)]
pub struct ForeignKey {
    /// The table referred to. A function, so that models may refer to each other.
    pub table: fn() -> &'static TableInfo,
    /// What happens to the referring row when the row referred to is deleted.
    pub on_delete: Action,
    /// What happens to the referring row when the key referred to changes.
    pub on_update: Action,
    /// Whether it is looked at when the transaction ends, and not with every statement.
    pub deferrable: bool,
}

/// What a [foreign key](https://www.sqlite.org/foreignkeys.html#fk_actions) does when its target goes or changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// The change is refused at once. The default.
    Restrict,
    /// The referring rows are deleted, or follow the new key.
    Cascade,
    /// The referring columns become `NULL`.
    SetNull,
    /// The referring columns get their default.
    SetDefault,
    /// The change is refused at the end of the statement, or of the transaction if the foreign key is deferrable, if the
    /// reference is still broken then.
    NoAction,
}

impl Action {
    /// The keywords of the constraint.
    pub const fn as_sql(self) -> &'static str {
        match self {
            Self::Restrict => "RESTRICT",
            Self::Cascade => "CASCADE",
            Self::SetNull => "SET NULL",
            Self::SetDefault => "SET DEFAULT",
            Self::NoAction => "NO ACTION",
        }
    }
}
