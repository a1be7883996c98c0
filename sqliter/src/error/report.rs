//! SQLite's codes and words as errors.

use std::time::Duration;

use super::{Context, Error, Operation, SqliteError, code};

impl Context<'_> {
    /// The error for SQLite's report; `limit` is the busy timeout.
    pub(crate) fn error(self, source: SqliteError, limit: Duration) -> Error {
        let Self { operation, subject } = self;
        let table = subject.to_owned();
        match source.primary_code() {
            code::BUSY | code::LOCKED => Error::Busy { operation, table, limit, source },
            code::CONSTRAINT => self.violation(source),
            code::ERROR => self.unfit_schema(source),
            _ => self.failure(source),
        }
    }

    fn failure(self, source: SqliteError) -> Error {
        let table = self.subject.to_owned();
        match self.operation {
            Operation::CreateTable => Error::TableCreation { table, source },
            Operation::DropTable => Error::TableDeletion { table, source },
            Operation::Insert => Error::RecordInsertion { table, source },
            Operation::Update => Error::RecordUpdate { table, source },
            Operation::Delete => Error::RecordDeletion { table, source },
            Operation::Fetch => Error::RecordFetch { table, source },
            Operation::Execute => Error::SqlExecution { sql: table, source },
        }
    }

    /// SQLite has one code for all statements that do not fit the schema.
    fn unfit_schema(self, source: SqliteError) -> Error {
        let Self { operation, subject } = self;
        let table = subject.to_owned();
        if let Some((child, parent)) = mismatched(&source.message) {
            return Error::ForeignKeyMismatch { operation, table, child, parent, source };
        }
        // What raw SQL names itself needs no explanation.
        if operation == Operation::Execute {
            return self.failure(source);
        }
        if let Some(missing) = source.missing_table() {
            let missing = missing.to_owned();
            return Error::NoSuchTable { operation, table, missing, referred_by: Vec::new(), source };
        }
        match missing_column(&source.message) {
            Some(column) => Error::NoSuchColumn { operation, table, column, source },
            None => self.failure(source),
        }
    }

    /// SQLite names the columns of a violated constraint only in its message, as `table.column, table.column`.
    fn violation(self, source: SqliteError) -> Error {
        let Self { operation, subject } = self;
        let detail = match source.message.split_once(": ") {
            Some((_, detail)) => detail.to_owned(),
            None => source.message.clone(),
        };
        match source.code {
            code::CONSTRAINT_UNIQUE | code::CONSTRAINT_PRIMARYKEY | code::CONSTRAINT_ROWID => {
                let (table, columns) = named_columns(&detail, subject);
                Error::UniqueViolation { operation, table, columns, source }
            }
            code::CONSTRAINT_NOTNULL => {
                let (table, columns) = named_columns(&detail, subject);
                Error::NotNullViolation { operation, table, column: columns.join(", "), source }
            }
            code::CONSTRAINT_CHECK => {
                let table = subject.to_owned();
                Error::CheckViolation { operation, table, columns: quoted_names(&detail), constraint: detail, source }
            }
            code::CONSTRAINT_DATATYPE => {
                // "cannot store TEXT value in INTEGER column books.pages"
                let (table, columns) = match source.message.rsplit_once(' ') {
                    Some((_, name)) => named_columns(name, subject),
                    None => (subject.to_owned(), Vec::new()),
                };
                Error::CheckViolation { operation, table, columns, constraint: source.message.clone(), source }
            }
            _ if source.is_broken_reference() => {
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

impl SqliteError {
    /// Whether a foreign key is violated. Triggers of the user have the same code with words of their own.
    pub(crate) fn is_broken_reference(&self) -> bool {
        matches!(self.code, code::CONSTRAINT_FOREIGNKEY | code::CONSTRAINT_TRIGGER)
            && self.message == "FOREIGN KEY constraint failed"
    }

    /// The table that does not exist: `no such table: books`, or `main.books` where it is named in the schema.
    pub(crate) fn missing_table(&self) -> Option<&str> {
        let name = self.message.strip_prefix("no such table: ")?;
        Some(name.strip_prefix("main.").unwrap_or(name))
    }

    /// Whether the columns of an `ON CONFLICT` are not unique together.
    pub(crate) fn is_conflict_without_index(&self) -> bool {
        self.message == "ON CONFLICT clause does not match any PRIMARY KEY or UNIQUE constraint"
    }
}

/// The tables of a foreign key that refers to no key: `foreign key mismatch - "notes" referencing "books"`.
fn mismatched(message: &str) -> Option<(String, String)> {
    let names = message.strip_prefix("foreign key mismatch - \"")?.strip_suffix('"')?;
    let (child, parent) = names.split_once("\" referencing \"")?;
    Some((child.to_owned(), parent.to_owned()))
}

/// The column of `no such column: t.title`, of `no such column: "title" - should this be …`, or of
/// `table books has no column named title`.
fn missing_column(message: &str) -> Option<String> {
    if let Some(name) = message.strip_prefix("no such column: ") {
        if let Some(quoted) = name.strip_prefix('"') {
            return Some(quoted.split('"').next().unwrap_or(quoted).to_owned());
        }
        return Some(name.rsplit_once('.').map_or(name, |(_, column)| column).to_owned());
    }
    let (table, column) = message.split_once(" has no column named ")?;
    table.starts_with("table ").then(|| column.to_owned())
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

/// The names in double quotes, each once.
fn quoted_names(text: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
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
