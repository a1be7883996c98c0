//! Errors as they are made.

use super::{Error, Operation, Result};

impl Error {
    /// The schema has ignored a row that was to be written.
    pub(crate) fn ignored(operation: Operation, table: &str) -> Self {
        Self::Ignored { operation, table: table.to_owned(), row: None }
    }

    /// A window of groups is over what differs within them.
    pub(crate) fn window_of_groups(table: &str) -> Self {
        let reason = "it is over groups, so that all that it is computed from, parted and sorted by must be what the rows are \
                      grouped by, or an aggregate";
        Self::Window { table: table.to_owned(), reason: reason.to_owned() }
    }

    /// The only one of the rows, of which two are enough to know that there are several.
    pub(crate) fn only<T>(rows: Vec<T>, table: String) -> Result<T> {
        let found = rows.len();
        match (rows.into_iter().next(), found) {
            (Some(row), 1) => Ok(row),
            (None, _) => Err(Self::RecordNotFound { table, key: None }),
            (Some(_), _) => Err(Self::SeveralRecords { table, found }),
        }
    }

    /// No column of that name is among the columns.
    pub(crate) fn missing_column(column: &str, columns: &[impl AsRef<str>]) -> Self {
        Self::MissingColumn { column: column.to_owned(), columns: owned(columns) }
    }

    /// More than one column of that name is among the columns.
    pub(crate) fn ambiguous_column(column: &str, columns: &[impl AsRef<str>]) -> Self {
        Self::AmbiguousColumn { column: column.to_owned(), columns: owned(columns) }
    }

    /// Two fields are read from one column.
    pub(crate) fn column_read_twice(column: &str, columns: &[impl AsRef<str>]) -> Self {
        Self::ColumnReadTwice { column: column.to_owned(), columns: owned(columns) }
    }

    /// The columns from a place on are not those of what is read there.
    pub(crate) fn other_columns(at: usize, read_as: &str, expected: Vec<String>, columns: &[impl AsRef<str>]) -> Self {
        Self::OtherColumns { at, read_as: read_as.to_owned(), expected, columns: owned(columns) }
    }

    /// The columns are not as many as the values to read.
    pub(crate) fn column_count(expected: usize, columns: &[impl AsRef<str>]) -> Self {
        Self::ColumnCount { expected, columns: owned(columns) }
    }
}

fn owned(names: &[impl AsRef<str>]) -> Vec<String> {
    names.iter().map(|name| name.as_ref().to_owned()).collect()
}
