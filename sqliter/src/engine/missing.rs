//! What refers to a table that does not exist: SQLite names the table alone.

use crate::error::{Error, Operation};

/// Adds what refers to the missing table: foreign keys, triggers and views. Other errors stay as they are.
pub(super) fn explained(sqlite: &rusqlite::Connection, error: Error) -> Error {
    match error {
        Error::NoSuchTable { operation, table, missing, source, .. } => {
            let referred_by = match table.eq_ignore_ascii_case(&missing) {
                true => Vec::new(),
                false => referring(sqlite, &missing),
            };
            Error::NoSuchTable { operation, table, missing, referred_by, source }
        }
        // Raw SQL may have to do with the table through the schema alone.
        Error::SqlExecution { sql, source } if source.message.starts_with("no such table: main.") => {
            let missing = source.missing_table().unwrap_or_default().to_owned();
            let referred_by = referring(sqlite, &missing);
            match referred_by.is_empty() {
                true => Error::SqlExecution { sql, source },
                false => Error::NoSuchTable { operation: Operation::Execute, table: sql, missing, referred_by, source },
            }
        }
        error => error,
    }
}

/// Nothing when looking fails too.
fn referring(sqlite: &rusqlite::Connection, missing: &str) -> Vec<String> {
    const REFERRING: &str = "SELECT t.name || '.' || k.\"from\" \
        FROM pragma_table_list AS t, pragma_foreign_key_list(t.name) AS k \
        WHERE t.schema = 'main' AND k.\"table\" = ?1 COLLATE NOCASE \
        UNION ALL SELECT type || ' ' || name FROM sqlite_schema \
        WHERE type IN ('trigger', 'view') AND instr(lower(sql), lower(?1))";
    let look = || -> rusqlite::Result<Vec<String>> {
        sqlite.prepare(REFERRING)?.query_map([missing], |row| row.get(0))?.collect()
    };
    look().unwrap_or_default()
}
