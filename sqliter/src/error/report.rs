//! SQLite's codes and words as the errors of the library.

use super::{Error, Operation, SqliteError, code};

/// SQLite names the columns of a violated constraint only in its message, as `table.column, table.column`.
pub(super) fn violation(operation: Operation, subject: &str, source: SqliteError) -> Error {
    const FOREIGN_KEY_FAILED: &str = "FOREIGN KEY constraint failed";
    let detail = match source.message.split_once(": ") {
        Some((_, detail)) => detail.to_owned(),
        None => source.message.clone(),
    };
    match source.code {
        code::UNIQUE | code::PRIMARY_KEY | code::ROW_ID => {
            // Of an index over expressions only the name is told, as `index 'idx_books_lower_title'`.
            let index = detail.strip_prefix("index '").and_then(|rest| rest.strip_suffix('\''));
            let (table, columns) = match index {
                Some(_) => (subject.to_owned(), Vec::new()),
                None => named_columns(&detail, subject),
            };
            let index = index.map(str::to_owned);
            Error::UniqueViolation { operation, table, columns, index, deleted: false, row: None, source }
        }
        code::NOT_NULL => {
            let (table, columns) = named_columns(&detail, subject);
            Error::NotNullViolation { operation, table, column: columns.join(", "), row: None, source }
        }
        code::CHECK => {
            let table = subject.to_owned();
            Error::CheckViolation {
                operation,
                table,
                columns: checked_columns(&detail),
                constraint: detail,
                row: None,
                source,
            }
        }
        code::DATATYPE => {
            // "cannot store TEXT value in INTEGER column books.pages"
            let (table, columns) = match source.message.rsplit_once(' ') {
                Some((_, name)) => named_columns(name, subject),
                None => (subject.to_owned(), Vec::new()),
            };
            Error::CheckViolation { operation, table, columns, constraint: source.message.clone(), row: None, source }
        }
        // The other triggers that refuse are the user's own.
        code::FOREIGN_KEY | code::TRIGGER if source.message == FOREIGN_KEY_FAILED => {
            Error::ForeignKeyViolation { operation, table: subject.to_owned(), columns: Vec::new(), row: None, source }
        }
        _ => Error::CheckViolation {
            operation,
            table: subject.to_owned(),
            columns: Vec::new(),
            constraint: source.message.clone(),
            row: None,
            source,
        },
    }
}

/// What stands between the name of a missing table and what refers to it.
pub(crate) const NAMED_BY: &str = ", to which ";

/// The table of `no such table: main.t`.
pub(super) fn missing_table(message: &str) -> Option<&str> {
    let name = message.strip_prefix("no such table: ")?;
    let name = name.split_once(NAMED_BY).map_or(name, |(name, _)| name);
    Some(name.strip_prefix("main.").unwrap_or(name))
}

/// The column of `no such column: t.a`, of `no such column: "a" - should this be a string literal in single-quotes?`, and of
/// `table t has no column named a`.
pub(super) fn missing_column(message: &str) -> Option<&str> {
    let Some(name) = message.strip_prefix("no such column: ") else {
        return message.split_once(" has no column named ").map(|(_, name)| name);
    };
    let name = match name.strip_prefix('"').and_then(|rest| rest.split_once("\" - should this be a string")) {
        Some((name, _)) => name,
        None => name,
    };
    Some(name.rsplit_once('.').map_or(name, |(_, column)| column))
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

/// What to do about an error, where SQLite's words do not say it.
pub(super) fn advice(source: &SqliteError) -> Option<&'static str> {
    match code::primary(source.code) {
        code::ERROR => in_words(&source.message),
        code::NO_MEMORY => Some("the program or SQLite has no memory left"),
        code::READ_ONLY => {
            Some("the file or its folder may not be written by this program, or was moved while it was open")
        }
        code::IO_ERROR => Some("the disk, or the file system that the file is on, refused to read or write"),
        code::CORRUPT => Some("the file is damaged: `PRAGMA integrity_check` tells where; go back to a backup"),
        code::FULL => Some(
            "the disk is full, the database has reached its `max_page_count`, or a row has had the greatest key that there is, after which \
             SQLite chooses none",
        ),
        code::CANNOT_OPEN => Some(
            "the file, its log beside it, or a temporary file cannot be opened: look at its rights, and how many files the program has open",
        ),
        code::TOO_BIG => Some("a value or a row is larger than SQLite's limit, which is a thousand million bytes"),
        code::MISMATCH => Some("a primary key of integers takes whole numbers only"),
        code::MISUSE => Some("this is a mistake of the library; please report it"),
        code::NOT_A_DATABASE => Some("the file is no SQLite database, or it is encrypted"),
        _ => None,
    }
}

/// SQLite has one code for everything that is wrong with a statement; only its message tells what.
fn in_words(message: &str) -> Option<&'static str> {
    const WORDS: &[(&str, &str)] = &[
        ("no such table", "create it with `create_table`, or migrate the file"),
        (
            "no such column",
            "the table in the file has other columns than the statement names: migrate the file, or correct the model or the SQL",
        ),
        (
            "has no column named",
            "the table in the file has other columns than the statement names: migrate the file, or correct the model or the SQL",
        ),
        (
            "ON CONFLICT clause does not match",
            "the table in the file has no unique index on these columns: `create_indexes` creates those that the model declares",
        ),
        (
            "foreign key mismatch",
            "the foreign key of the first table must refer to the primary key or to unique columns of the second",
        ),
        ("too many SQL variables", "bind a list as one argument instead: `IN (SELECT value FROM json_each(?))`"),
        ("Expression tree is too large", "the condition is nested too deeply"),
        ("parser stack overflow", "the condition is nested too deeply"),
        ("cannot modify", "it is a view: write to the tables that it is made of"),
    ];
    WORDS.iter().find(|(part, _)| message.contains(part)).map(|(_, advice)| *advice)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::Context;
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
