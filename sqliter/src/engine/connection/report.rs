//! What SQLite reports, and what is reported in its words.

use super::Connection;
use crate::engine::limits::has_reported;
use crate::engine::words;
use crate::error::{CHECK_FAILED, Context, Error, NAMED_BY, SqliteError, code};

impl Connection {
    /// SQLite's report as the error that fits the context.
    pub(crate) fn error(&self, context: Context<'_>, mut source: SqliteError) -> Error {
        if let Some(table) = source.message.strip_prefix("no such table: main.") {
            // A statement names no schema: a foreign key, a trigger or a view of the file does.
            let named_by = self.what_refers_to(table);
            if !named_by.is_empty() {
                source.message.push_str(&format!("{NAMED_BY}{} refers", named_by.join(" and ")));
            }
        }
        if self.in_memory && matches!(source.primary_code(), code::BUSY | code::LOCKED) {
            // There is one connection of the library.
            source.message.push_str(": a statement or a transaction of the pool is not at its end");
        }
        if self.reads_only && source.primary_code() == code::READ_ONLY {
            let Context { operation, subject, .. } = context;
            return Error::ReadOnly { operation, table: subject.to_owned() };
        }
        context.error(source, self.busy_timeout)
    }

    /// The foreign keys, triggers and views that name a table.
    fn what_refers_to(&self, table: &str) -> Vec<String> {
        const REFERRING: &str = "SELECT 'the foreign key ' || t.name || '.' || k.\"from\" \
            FROM sqlite_schema AS t, pragma_foreign_key_list(t.name) AS k \
            WHERE t.type = 'table' AND k.\"table\" = ?1 COLLATE NOCASE \
            UNION ALL SELECT 'the ' || type || ' ' || name FROM sqlite_schema \
            WHERE type IN ('trigger', 'view') AND instr(lower(sql), lower(?1)) > 0";
        let found = self.sqlite.prepare_cached(REFERRING).and_then(|mut statement| {
            statement.query_map([table], |row| row.get(0))?.collect::<rusqlite::Result<Vec<String>>>()
        });
        // The error is told without this where looking fails too.
        found.unwrap_or_default()
    }
}

pub(in crate::engine) fn interrupted() -> SqliteError {
    SqliteError { code: code::INTERRUPT, message: "interrupted".to_owned() }
}

/// SQLite reads a text up to its first NUL character, and runs what stands before it.
pub(in crate::engine) fn refuse_nul(sql: &str) -> Result<(), SqliteError> {
    match words::nul(sql) {
        None => Ok(()),
        Some(at) => Err(SqliteError {
            code: code::ERROR,
            message: format!(
                "the text has a NUL character at byte {at}, where SQLite would stop reading; bind text as an argument"
            ),
        }),
    }
}

/// The report of SQLite in an error of rusqlite.
pub(in crate::engine) fn report(error: rusqlite::Error) -> SqliteError {
    let report = words_of(error);
    has_reported(report.code);
    report
}

fn words_of(error: rusqlite::Error) -> SqliteError {
    match error {
        // A function can give either a code or a message.
        rusqlite::Error::SqliteFailure(failure, Some(message))
            if failure.extended_code == code::ERROR && message.starts_with(CHECK_FAILED) =>
        {
            SqliteError { code: code::CHECK, message }
        }
        rusqlite::Error::SqliteFailure(code, message) => {
            SqliteError { code: code.extended_code, message: message.unwrap_or_else(|| code.to_string()) }
        }
        rusqlite::Error::SqlInputError { error, msg, .. } => SqliteError { code: error.extended_code, message: msg },
        other => SqliteError { code: code::ERROR, message: other.to_string() },
    }
}
