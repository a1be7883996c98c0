//! The one error type, with what a program needs to decide.

pub(crate) mod code;
mod context;
mod report;
mod words;

use std::fmt;
use std::time::Duration;

pub(crate) use context::Context;

/// The result of everything that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What was being done when SQLite refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Operation {
    /// Creating a table or its indexes.
    CreateTable,
    /// Dropping a table.
    DropTable,
    /// Inserting rows.
    Insert,
    /// Updating rows.
    Update,
    /// Deleting rows.
    Delete,
    /// Reading rows.
    Fetch,
    /// Anything else.
    Execute,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CreateTable => "create table",
            Self::DropTable => "drop table",
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Fetch => "fetch",
            Self::Execute => "execute",
        })
    }
}

/// What SQLite itself reported: its [extended result code](https://www.sqlite.org/rescode.html) and message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} (SQLite result code {code}){}", words::advice(*.code, .message))]
pub struct SqliteError {
    /// The extended result code, such as 2067 for `SQLITE_CONSTRAINT_UNIQUE`.
    pub code: i32,
    /// SQLite's message.
    pub message: String,
}

impl SqliteError {
    /// The primary result code, such as 19 for `SQLITE_CONSTRAINT`.
    pub const fn primary_code(&self) -> i32 {
        code::primary(self.code)
    }
}

type Source = Box<dyn std::error::Error + Send + Sync>;

/// Everything that can go wrong.
///
/// The texts name the table, the column and the operation concerned; SQLite's own report is the
/// [`source`](std::error::Error::source).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The database could not be opened.
    #[error("cannot open the database {path}: {reason}")]
    Connection {
        /// The path as given, or `:memory:`.
        path: String,
        /// Why, in words.
        reason: String,
        /// The report of the driver, if there was one.
        source: Option<Source>,
    },

    /// A table or one of its indexes could not be created. Nothing of the call was kept.
    #[error("cannot create the table {table}: {source}")]
    TableCreation {
        /// The table.
        table: String,
        /// SQLite's report.
        source: SqliteError,
    },

    /// A table could not be dropped. Nothing of the call was kept.
    #[error("cannot drop the table {table}: {source}")]
    TableDeletion {
        /// The table.
        table: String,
        /// SQLite's report.
        source: SqliteError,
    },

    /// An insert failed for another reason than a violated constraint.
    #[error("cannot insert into {table}: {source}")]
    RecordInsertion {
        /// The table.
        table: String,
        /// SQLite's report.
        source: SqliteError,
    },

    /// An update failed for another reason than a violated constraint.
    #[error("cannot update {table}: {source}")]
    RecordUpdate {
        /// The table.
        table: String,
        /// SQLite's report.
        source: SqliteError,
    },

    /// A delete failed for another reason than a violated constraint.
    #[error("cannot delete from {table}: {source}")]
    RecordDeletion {
        /// The table.
        table: String,
        /// SQLite's report.
        source: SqliteError,
    },

    /// A query failed.
    #[error("cannot read from {table}: {source}")]
    RecordFetch {
        /// The table.
        table: String,
        /// SQLite's report.
        source: SqliteError,
    },

    /// A table that the statement needs does not exist: that of the model, or one that foreign keys, triggers or views
    /// refer to.
    #[error("{}: {}", words::cannot(*.operation, .table), words::no_such_table(.table, .missing, .referred_by))]
    NoSuchTable {
        /// What was being done.
        operation: Operation,
        /// The table of the model, or the text of a raw statement.
        table: String,
        /// The table that does not exist.
        missing: String,
        /// What refers to it: columns with a foreign key as `table.column`, triggers and views that name it as
        /// `trigger name` and `view name`.
        referred_by: Vec<String>,
        /// SQLite's report.
        source: SqliteError,
    },

    /// A column that the model declares is not in the file.
    #[error(
        "{}: there is no column {column}, so the table in the file differs from its model; change the table by a migration, or the model",
        words::cannot(*.operation, .table)
    )]
    NoSuchColumn {
        /// What was being done.
        operation: Operation,
        /// The table of the model.
        table: String,
        /// The column, of this table or of one that is joined with it.
        column: String,
        /// SQLite's report.
        source: SqliteError,
    },

    /// A foreign key refers to columns that are no key of the other table, so that SQLite can enforce nothing.
    #[error(
        "{}: a foreign key of {child} refers to {parent} by columns that are neither its primary key nor unique there; add a unique index to {parent}, or mend or drop {child}",
        words::cannot(*.operation, .table)
    )]
    ForeignKeyMismatch {
        /// What was being done.
        operation: Operation,
        /// The table of the model, or the text of a raw statement.
        table: String,
        /// The table with the foreign key.
        child: String,
        /// The table that it refers to.
        parent: String,
        /// SQLite's report.
        source: SqliteError,
    },

    /// The row to update or delete, or the row that a query requires, does not exist.
    #[error("no such row in {table}{}", .key.as_ref().map(|key| format!(": key {key}")).unwrap_or_default())]
    RecordNotFound {
        /// The table, or the text of a raw query.
        table: String,
        /// The key as an SQL literal, when the row was named by its key.
        key: Option<String>,
    },

    /// Another row has the same value in unique columns, or the same primary key.
    #[error("{operation} violates uniqueness of {table} ({})", .columns.join(", "))]
    UniqueViolation {
        /// What was being done.
        operation: Operation,
        /// The table.
        table: String,
        /// The unique columns, in the order of the constraint.
        columns: Vec<String>,
        /// SQLite's report.
        source: SqliteError,
    },

    /// A foreign key refers to no row, or a row is still referred to.
    #[error("{}", words::foreign_key(*.operation, .table, .columns))]
    ForeignKeyViolation {
        /// What was being done.
        operation: Operation,
        /// The table that was being changed.
        table: String,
        /// On insert and update of a row: its foreign-key columns that refer to no row. When rows are still referred
        /// to: the columns that refer to them, each as `table.column`.
        columns: Vec<String>,
        /// SQLite's report.
        source: SqliteError,
    },

    /// `NULL` in a column that does not take it.
    #[error("{operation} puts NULL into {table}.{column}")]
    NotNullViolation {
        /// What was being done.
        operation: Operation,
        /// The table.
        table: String,
        /// The column.
        column: String,
        /// SQLite's report.
        source: SqliteError,
    },

    /// The schema says that the row is to be left out without an error: by a trigger with
    /// [`RAISE(IGNORE)`](https://www.sqlite.org/lang_createtrigger.html#the_raise_function), or by a constraint with
    /// [`ON CONFLICT IGNORE`](https://www.sqlite.org/lang_conflict.html). The row was not written, and of a call that
    /// writes several none was. What such a trigger has written itself stays when the call writes a single row outside
    /// of a transaction, as SQLite has committed it with the statement.
    #[error("{}: the schema leaves the row out, by a trigger with RAISE(IGNORE) or a constraint with ON CONFLICT IGNORE", words::cannot(*.operation, .table))]
    Ignored {
        /// What was being done.
        operation: Operation,
        /// The table.
        table: String,
    },

    /// A value that a `CHECK` constraint, the type of a column in a STRICT table, or a trigger refuses.
    #[error("{operation} violates a check of {table}: {constraint}")]
    CheckViolation {
        /// What was being done.
        operation: Operation,
        /// The table.
        table: String,
        /// The name or the text of the constraint, or the message of the trigger.
        constraint: String,
        /// The columns that the constraint is about, as far as its text tells.
        columns: Vec<String>,
        /// SQLite's report.
        source: SqliteError,
    },

    /// A stored value does not fit the field that it was read into.
    #[error("{} holds {found}, expected {expected}", words::place(.table, .column))]
    Decode {
        /// The table; empty for a column of a raw query that is read into no model.
        table: String,
        /// The column.
        column: String,
        /// What the field's type expects.
        expected: String,
        /// What was stored.
        found: String,
    },

    /// A value has no faithful form in SQLite.
    #[error("{} cannot hold the value: {reason}", words::place(.table, .column))]
    Encode {
        /// The table; empty for an argument of raw SQL.
        table: String,
        /// The column; for an argument of raw SQL its number, as `?2`.
        column: String,
        /// Why.
        reason: String,
    },

    /// Another connection or process held the lock for longer than the time limit.
    #[error("cannot {operation} {table}: the database stayed locked for {limit:?} ({source})", source = .source.message)]
    Busy {
        /// What was being done.
        operation: Operation,
        /// The table, or what the statement was about.
        table: String,
        /// The time limit, as set by [`DbOptions::busy_timeout`](crate::DbOptions::busy_timeout).
        limit: Duration,
        /// SQLite's report, or what was waited for.
        source: SqliteError,
    },

    /// The columns that an upsert or `get_or_create` names do not tell rows apart.
    #[error("a new row of {table} cannot conflict in ({}): {reason}", .columns.join(", "))]
    ConflictColumns {
        /// The table.
        table: String,
        /// The columns as they were named.
        columns: Vec<String>,
        /// Why, in words.
        reason: String,
    },

    /// All columns of a query were excluded.
    #[error("no column of {table} is left to read: all were excluded")]
    EmptySelection {
        /// The table.
        table: String,
    },

    /// A cursor does not fit the query that it is given to.
    #[error("the cursor does not fit: {reason}")]
    Cursor {
        /// What is wrong with it.
        reason: String,
    },

    /// Groups were sorted by something that differs within them.
    #[error("cannot sort groups of {table} by {value}: it is neither grouped by nor aggregated")]
    NotGrouped {
        /// The table.
        table: String,
        /// The column, or what is computed from it.
        value: String,
    },

    /// A statement that belongs to no model failed.
    #[error("cannot execute {sql}: {source}")]
    SqlExecution {
        /// The statement.
        sql: String,
        /// SQLite's report.
        source: SqliteError,
    },

    /// A raw statement was given more arguments than it has placeholders, or fewer.
    #[error("{sql} takes {expected}, and {given} bound", expected = words::counted(*.expected, "argument"), given = words::bound(*.given))]
    ArgumentCount {
        /// The statement.
        sql: String,
        /// How many placeholders it has.
        expected: usize,
        /// How many arguments were bound.
        given: usize,
    },

    /// The text of a statement has a NUL character in it, where SQLite would stop reading. Nothing was run.
    #[error(
        "a statement cannot have a NUL character in its text, as this one has at byte {position}; bind it as an argument: {sql:?}"
    )]
    NulCharacter {
        /// The statement.
        sql: String,
        /// Where the character is, in bytes.
        position: usize,
    },

    /// A text with no statement in it was given where one is run.
    #[error("there is no statement to run in the text {sql:?}")]
    EmptyStatement {
        /// The text.
        sql: String,
    },

    /// A statement that changes the connection and not the database: one of a transaction, or `ATTACH` and `DETACH`. The
    /// connection is one of several that the library uses in turns. It was not run.
    #[error("the statement was not run: {reason}: {sql}")]
    StatementRefused {
        /// The statement.
        sql: String,
        /// What to write instead.
        reason: &'static str,
    },

    /// A text with several statements was given where one is run.
    #[error("only one statement is run at a time, and this text has several: {sql}")]
    SeveralStatements {
        /// The text.
        sql: String,
    },

    /// A query was a statement that returns no rows. It was not run.
    #[error("the statement returns no rows, so run it with `execute`: {sql}")]
    ReturnsNoRows {
        /// The statement.
        sql: String,
    },

    /// A statement to execute returns rows.
    #[error("the statement returns rows, so run it with `query`: {sql}")]
    ReturnsRows {
        /// The statement.
        sql: String,
    },

    /// A row has no column of the name that it is read by.
    #[error("there is no column {column}: the columns are {}", .columns.join(", "))]
    MissingColumn {
        /// The column that is missing.
        column: String,
        /// The columns that there are.
        columns: Vec<String>,
    },

    /// A row has several columns of the name that it is read by.
    #[error("there are several columns {column}: name each with AS; the columns are {}", .columns.join(", "))]
    AmbiguousColumn {
        /// The column that comes more than once.
        column: String,
        /// The columns that there are.
        columns: Vec<String>,
    },

    /// The rows of a raw query have more columns than there are values to read, or fewer.
    #[error("{} read from each row, but it has {}: {}", words::values(*.expected), words::counted(.columns.len(), "column"), .columns.join(", "))]
    ColumnCount {
        /// How many values are read.
        expected: usize,
        /// The columns that there are.
        columns: Vec<String>,
    },

    /// SQLite ended the transaction by itself, as it does when the disk is full. Nothing of it was kept.
    #[error("the transaction was rolled back by SQLite after an earlier error")]
    TransactionLost,

    /// The work needs a Tokio runtime, or its runtime was shut down.
    #[error("no Tokio runtime: {reason}")]
    Runtime {
        /// What is missing.
        reason: String,
    },
}

impl Error {
    /// No column of that name is among the columns.
    pub(crate) fn missing_column(column: &str, columns: &[impl AsRef<str>]) -> Self {
        Self::MissingColumn { column: column.to_owned(), columns: owned(columns) }
    }

    /// More than one column of that name is among the columns.
    pub(crate) fn ambiguous_column(column: &str, columns: &[impl AsRef<str>]) -> Self {
        Self::AmbiguousColumn { column: column.to_owned(), columns: owned(columns) }
    }

    /// The columns are not as many as the values to read.
    pub(crate) fn column_count(expected: usize, columns: &[impl AsRef<str>]) -> Self {
        Self::ColumnCount { expected, columns: owned(columns) }
    }
}

fn owned(names: &[impl AsRef<str>]) -> Vec<String> {
    names.iter().map(|name| name.as_ref().to_owned()).collect()
}
