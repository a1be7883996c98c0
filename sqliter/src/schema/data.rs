//! The schema of a database as plain data.

use serde::Serialize;

use super::SqlText;

/// What a database declares: its tables with their indexes, its views and its triggers.
///
/// It prints as the SQL that creates it. [`Session::schema`](crate::Session::schema) reads that of a database,
/// [`of`](Self::of) gives that of models, and [`from_sql`](Self::from_sql) that of the statements of other programs.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Schema {
    /// The tables, in the order of their creation. Those of SQLite itself are not among them, nor those in which virtual
    /// tables keep their data.
    pub tables: Vec<Table>,
    /// The views, in the order of their creation.
    pub views: Vec<View>,
    /// The triggers of tables and views, in the order of their creation.
    pub triggers: Vec<Trigger>,
}

impl Schema {
    /// The table of a name, whatever the case of its letters.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.name.eq_ignore_ascii_case(name))
    }

    /// The view of a name, whatever the case of its letters.
    pub fn view(&self, name: &str) -> Option<&View> {
        self.views.iter().find(|view| view.name.eq_ignore_ascii_case(name))
    }
}

/// Whether SQLite keeps the rows of a table itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TableKind {
    /// A table of SQLite's own.
    Ordinary,
    /// A [virtual table](https://www.sqlite.org/vtab.html), whose rows a module gives.
    Virtual,
}

/// A table with what belongs to it.
///
/// A constraint of a column is listed with those of the table: SQLite makes no difference between them. Two tables are
/// equal when all facts about them are, however the SQL was written that created them.
#[derive(Debug, Clone, Serialize)]
pub struct Table {
    /// The name.
    pub name: String,
    /// Whether it is virtual. Of a virtual table only the names and types of the columns are known, and not even these where its
    /// module is another program's.
    pub kind: TableKind,
    /// The columns, in their order.
    pub columns: Vec<Column>,
    /// The primary key, if one is declared.
    pub primary_key: Option<PrimaryKey>,
    /// The `UNIQUE` constraints. Unique indexes are among the [`indexes`](Self::indexes).
    pub unique: Vec<Unique>,
    /// The foreign keys.
    pub foreign_keys: Vec<ForeignKey>,
    /// The `CHECK` constraints.
    pub checks: Vec<Check>,
    /// Whether the table is [STRICT](https://www.sqlite.org/stricttables.html).
    pub strict: bool,
    /// Whether it is [WITHOUT ROWID](https://www.sqlite.org/withoutrowid.html).
    pub without_rowid: bool,
    /// The indexes that were created by statements of their own.
    pub indexes: Vec<Index>,
    /// The statement that created it, as SQLite keeps it, without a comment at its end.
    pub sql: String,
}

impl PartialEq for Table {
    fn eq(&self, other: &Self) -> bool {
        let Self {
            name,
            kind,
            columns,
            primary_key,
            unique,
            foreign_keys,
            checks,
            strict,
            without_rowid,
            indexes,
            sql,
        } = self;
        *name == other.name
            && *kind == other.kind
            && *columns == other.columns
            && *primary_key == other.primary_key
            && *unique == other.unique
            && *foreign_keys == other.foreign_keys
            && *checks == other.checks
            && *strict == other.strict
            && *without_rowid == other.without_rowid
            && *indexes == other.indexes
            // Of a virtual table nothing else is known.
            && (*kind == TableKind::Ordinary || SqlText::new(sql) == SqlText::new(&other.sql))
    }
}

impl Table {
    /// The column of a name, whatever the case of its letters.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name))
    }

    /// The index of a name, whatever the case of its letters.
    pub fn index(&self, name: &str) -> Option<&Index> {
        self.indexes.iter().find(|index| index.name.eq_ignore_ascii_case(name))
    }

    /// Whether SQLite never gives a key again: `AUTOINCREMENT`.
    pub fn is_autoincrement(&self) -> bool {
        self.primary_key.as_ref().is_some_and(|key| key.autoincrement)
    }
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Column {
    /// The name.
    pub name: String,
    /// The declared type; empty where none is declared.
    pub declared_type: SqlText,
    /// Whether it is `NOT NULL`.
    pub not_null: bool,
    /// What happens instead of an error when `NULL` is written to a column that does not take it.
    pub not_null_on_conflict: Option<OnConflict>,
    /// The expression of the `DEFAULT` clause.
    pub default: Option<SqlText>,
    /// The collating sequence of comparisons, `BINARY` unless another one is declared.
    pub collation: String,
    /// What the value is computed from, of a generated column.
    pub generated: Option<Generated>,
    /// Whether a virtual table hides it from `SELECT *`.
    pub hidden: bool,
}

/// How a [generated column](https://www.sqlite.org/gencol.html) gets its value.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Generated {
    /// The expression.
    pub expression: SqlText,
    /// Whether the value is stored; else it is computed whenever it is read.
    pub stored: bool,
}

/// What a constraint does with a row that violates it, [instead of the default](https://www.sqlite.org/lang_conflict.html).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum OnConflict {
    /// The transaction is rolled back.
    Rollback,
    /// The statement is undone, which is the default.
    Abort,
    /// The statement ends; what it has done before stays.
    Fail,
    /// The row is left out.
    Ignore,
    /// The rows in the way are deleted.
    Replace,
}

/// A primary key.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PrimaryKey {
    /// The columns.
    pub parts: Vec<Part>,
    /// Whether SQLite never gives a key again that a deleted row had.
    pub autoincrement: bool,
    /// What a violation does instead of the default.
    pub on_conflict: Option<OnConflict>,
}

/// A `UNIQUE` constraint.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Unique {
    /// The columns.
    pub parts: Vec<Part>,
    /// What a violation does instead of the default.
    pub on_conflict: Option<OnConflict>,
}

/// A column of a key.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Part {
    /// The name of the column.
    pub column: String,
    /// The collating sequence, where the key names one of its own.
    pub collation: Option<String>,
    /// Whether its index sorts it downwards.
    pub descending: bool,
}

/// A foreign key.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ForeignKey {
    /// The columns that refer.
    pub columns: Vec<String>,
    /// The table that they refer to.
    pub table: String,
    /// The columns of that table; none where its primary key is meant.
    pub references: Vec<String>,
    /// What happens when the row referred to is deleted, as `CASCADE`.
    pub on_delete: String,
    /// What happens when the key referred to changes, as `NO ACTION`.
    pub on_update: String,
    /// Whether it is looked at when the transaction ends: `DEFERRABLE INITIALLY DEFERRED`.
    pub deferred: bool,
}

/// A `CHECK` constraint.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Check {
    /// The name, which SQLite gives instead of the condition when it is violated.
    pub name: Option<String>,
    /// The condition.
    pub condition: SqlText,
}

/// An index.
#[derive(Debug, Clone, Serialize)]
pub struct Index {
    /// The name.
    pub name: String,
    /// Whether no two rows have the same values in it.
    pub unique: bool,
    /// What it sorts by.
    pub terms: Vec<Term>,
    /// Which rows it is about, if not all.
    pub condition: Option<SqlText>,
    /// The statement that created it, as SQLite keeps it, without a comment at its end.
    pub sql: String,
}

impl PartialEq for Index {
    fn eq(&self, other: &Self) -> bool {
        let Self { name, unique, terms, condition, sql: _ } = self;
        *name == other.name && *unique == other.unique && *terms == other.terms && *condition == other.condition
    }
}

/// A column or an expression of an index.
#[derive(Debug, Clone, Serialize)]
pub struct Term {
    /// The name of the column, or the expression.
    pub value: SqlText,
    /// The collating sequence.
    pub collation: String,
    /// Whether it is sorted downwards.
    pub descending: bool,
}

/// The case of a collating sequence's name does not count.
impl PartialEq for Term {
    fn eq(&self, other: &Self) -> bool {
        let Self { value, collation, descending } = self;
        *value == other.value && collation.eq_ignore_ascii_case(&other.collation) && *descending == other.descending
    }
}

/// A view.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct View {
    /// The name.
    pub name: String,
    /// The statement that created it, as SQLite keeps it, without a comment at its end.
    pub sql: SqlText,
}

/// A trigger.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Trigger {
    /// The name.
    pub name: String,
    /// The table or view that it belongs to.
    pub table: String,
    /// The statement that created it, as SQLite keeps it, without a comment at its end.
    pub sql: SqlText,
}
