//! The one error type, with what a program needs to decide.

use std::fmt;
use std::time::Duration;

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
#[error("{message} (SQLite result code {code})")]
pub struct SqliteError {
    /// The extended result code, such as 2067 for `SQLITE_CONSTRAINT_UNIQUE`.
    pub code: i32,
    /// SQLite's message.
    pub message: String,
}

impl SqliteError {
    /// The primary result code, such as 19 for `SQLITE_CONSTRAINT`.
    pub const fn primary_code(&self) -> i32 {
        self.code & 0xff
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
    #[error("{}", foreign_key_text(*.operation, .table, .columns))]
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

    /// A value that a `CHECK` constraint, the type of a column in a STRICT table, or a trigger refuses.
    #[error("{operation} violates a check of {table}: {constraint}")]
    CheckViolation {
        /// What was being done.
        operation: Operation,
        /// The table.
        table: String,
        /// The name or the text of the constraint, or the message of the trigger. The constraints of column types are
        /// named after what they expect: `at must be an instant, …`.
        constraint: String,
        /// The columns that the constraint is about, as far as its text tells.
        columns: Vec<String>,
        /// SQLite's report.
        source: SqliteError,
    },

    /// A stored value does not fit the field that it was read into.
    #[error("{} holds {found}, expected {expected}", place(.table, .column))]
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
    #[error("{} cannot hold the value: {reason}", place(.table, .column))]
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
    #[error("{sql} takes {expected}, and {given} bound", expected = counted(*.expected, "argument"), given = bound(*.given))]
    ArgumentCount {
        /// The statement.
        sql: String,
        /// How many placeholders it has.
        expected: usize,
        /// How many arguments were bound.
        given: usize,
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
    #[error("{} read from each row, but it has {}: {}", values(*.expected), counted(.columns.len(), "column"), .columns.join(", "))]
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

/// A column in words, with its table where there is one.
fn place(table: &str, column: &str) -> String {
    if table.is_empty() { column.to_owned() } else { format!("{table}.{column}") }
}

fn counted(number: usize, thing: &str) -> String {
    match number {
        0 => format!("no {thing}"),
        1 => format!("1 {thing}"),
        _ => format!("{number} {thing}s"),
    }
}

fn bound(number: usize) -> String {
    match number {
        0 => "none was".to_owned(),
        1 => "1 was".to_owned(),
        _ => format!("{number} were"),
    }
}

fn values(number: usize) -> String {
    if number == 1 { "1 value is".to_owned() } else { format!("{number} values are") }
}

/// A broken reference in words: which column refers to nothing, or which still refers to what is to go.
fn foreign_key_text(operation: Operation, table: &str, columns: &[String]) -> String {
    let columns = columns.join(", ");
    match operation {
        Operation::Insert | Operation::Update if !columns.is_empty() => {
            format!("cannot {operation} {table}: {columns} refers to a row that does not exist")
        }
        Operation::Delete | Operation::DropTable if !columns.is_empty() => {
            format!("cannot {operation} {table}: {columns} still refers to it")
        }
        _ => format!("{operation} violates a foreign key of {table}"),
    }
}

/// What a statement was for, to turn SQLite's report into the right error.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context<'a> {
    pub(crate) operation: Operation,
    /// The table, or the statement for [`Operation::Execute`].
    pub(crate) subject: &'a str,
}

impl<'a> Context<'a> {
    pub(crate) const fn new(operation: Operation, subject: &'a str) -> Self {
        Self { operation, subject }
    }

    /// The error for SQLite's report; `limit` is the busy timeout.
    pub(crate) fn error(self, source: SqliteError, limit: Duration) -> Error {
        const BUSY: i32 = 5;
        const LOCKED: i32 = 6;
        const CONSTRAINT: i32 = 19;
        let Self { operation, subject } = self;
        let table = subject.to_owned();
        match source.primary_code() {
            BUSY | LOCKED => Error::Busy { operation, table, limit, source },
            CONSTRAINT => self.violation(source),
            _ => match operation {
                Operation::CreateTable => Error::TableCreation { table, source },
                Operation::DropTable => Error::TableDeletion { table, source },
                Operation::Insert => Error::RecordInsertion { table, source },
                Operation::Update => Error::RecordUpdate { table, source },
                Operation::Delete => Error::RecordDeletion { table, source },
                Operation::Fetch => Error::RecordFetch { table, source },
                Operation::Execute => Error::SqlExecution { sql: table, source },
            },
        }
    }

    /// SQLite names the columns of a violated constraint only in its message, as `table.column, table.column`.
    fn violation(self, source: SqliteError) -> Error {
        const FOREIGN_KEY: i32 = 787;
        const NOT_NULL: i32 = 1299;
        const PRIMARY_KEY: i32 = 1555;
        const TRIGGER: i32 = 1811;
        const UNIQUE: i32 = 2067;
        const ROW_ID: i32 = 2579;
        const DATATYPE: i32 = 3091;
        const FOREIGN_KEY_FAILED: &str = "FOREIGN KEY constraint failed";
        let Self { operation, subject } = self;
        let detail = match source.message.split_once(": ") {
            Some((_, detail)) => detail.to_owned(),
            None => source.message.clone(),
        };
        match source.code {
            UNIQUE | PRIMARY_KEY | ROW_ID => {
                let (table, columns) = named_columns(&detail, subject);
                Error::UniqueViolation { operation, table, columns, source }
            }
            NOT_NULL => {
                let (table, columns) = named_columns(&detail, subject);
                Error::NotNullViolation { operation, table, column: columns.join(", "), source }
            }
            CHECK => {
                let table = subject.to_owned();
                Error::CheckViolation {
                    operation,
                    table,
                    columns: checked_columns(&detail),
                    constraint: detail,
                    source,
                }
            }
            DATATYPE => {
                // "cannot store TEXT value in INTEGER column books.pages"
                let (table, columns) = match source.message.rsplit_once(' ') {
                    Some((_, name)) => named_columns(name, subject),
                    None => (subject.to_owned(), Vec::new()),
                };
                Error::CheckViolation { operation, table, columns, constraint: source.message.clone(), source }
            }
            // The other triggers that refuse are the user's own.
            FOREIGN_KEY | TRIGGER if source.message == FOREIGN_KEY_FAILED => {
                Error::ForeignKeyViolation { operation, table: subject.to_owned(), columns: Vec::new(), source }
            }
            _ => Error::CheckViolation {
                operation,
                table: subject.to_owned(),
                columns: Vec::new(),
                constraint: source.message.clone(),
                source,
            },
        }
    }
}

/// The table and columns of `t.a, t.b`; the table is known to be `subject` in nearly all cases, which keeps names
/// with a dot whole.
fn named_columns(detail: &str, subject: &str) -> (String, Vec<String>) {
    let own = format!("{subject}.");
    if let Some(names) = detail.strip_prefix(&own) {
        let columns = names.split(&format!(", {own}")).map(str::to_owned).collect();
        return (subject.to_owned(), columns);
    }
    let table = detail.split_once('.').map_or(subject, |(table, _)| table).to_owned();
    let columns =
        detail.split(", ").map(|name| name.split_once('.').map_or(name, |(_, column)| column).to_owned()).collect();
    (table, columns)
}

/// What stands between a column and the form of its values, in the names of constraints that the library creates.
pub(crate) const MUST_BE: &str = " must be ";

/// How SQLite begins to say that a `CHECK` constraint was violated, and so do the SQL functions of the library that
/// check a value.
pub(crate) const CHECK_FAILED: &str = "CHECK constraint failed: ";

/// The result code of a violated `CHECK` constraint.
pub(crate) const CHECK: i32 = 275;

/// The column of a constraint of the library, else the names in double quotes, each once.
fn checked_columns(text: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    // A condition may have the same words in a literal, behind an operator.
    if let Some((column, _)) = text.split_once(MUST_BE)
        && !column.contains(['=', '<', '>', '('])
    {
        names.push(column.to_owned());
        return names;
    }
    for name in text.split('"').skip(1).step_by(2) {
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(code: i32, message: &str) -> Error {
        Context::new(Operation::Insert, "books")
            .error(SqliteError { code, message: message.to_owned() }, Duration::from_secs(5))
    }

    #[test]
    fn a_violated_unique_constraint_names_its_columns() {
        let error = report(2067, "UNIQUE constraint failed: books.title, books.author_id");
        assert!(matches!(&error, Error::UniqueViolation { table, columns, .. }
            if table == "books" && columns == &["title", "author_id"]));
        assert_eq!(error.to_string(), "insert violates uniqueness of books (title, author_id)");
    }

    #[test]
    fn a_violated_check_names_the_quoted_columns() {
        let error = report(275, "CHECK constraint failed: \"open\" IN (0, 1)");
        assert!(matches!(&error, Error::CheckViolation { columns, constraint, .. }
            if columns == &["open"] && constraint == "\"open\" IN (0, 1)"));
    }

    #[test]
    fn a_violated_check_of_a_form_names_the_column_and_the_form() {
        let error = report(275, "CHECK constraint failed: id must be a UUID in lower case with hyphens");
        assert!(matches!(&error, Error::CheckViolation { columns, .. } if columns == &["id"]));
        let text = "insert violates a check of books: id must be a UUID in lower case with hyphens";
        assert_eq!(error.to_string(), text);
        let error = report(275, "CHECK constraint failed: \"note\" <> 'pages must be many'");
        assert!(matches!(&error, Error::CheckViolation { columns, .. } if columns == &["note"]));
    }

    #[test]
    fn a_wrong_type_in_a_strict_table_names_the_column() {
        let error = report(3091, "cannot store TEXT value in INTEGER column books.pages");
        assert!(matches!(&error, Error::CheckViolation { columns, .. } if columns == &["pages"]));
    }

    #[test]
    fn a_locked_database_is_told_apart() {
        assert!(matches!(report(5, "database is locked"), Error::Busy { .. }));
        assert!(matches!(report(517, "database is locked"), Error::Busy { .. }));
    }
}
