//! A database in memory for what is tried out, or a file that is only read, used on the thread that made it.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::connection::{refuse_nul, report};
use super::functions;
use super::row::RowRef;
use crate::error::{Error, SqliteError};
use crate::value::Value;

/// How long others are waited for, as a database waits by default.
const PATIENCE: Duration = Duration::from_secs(5);

/// An empty database in memory with the functions of the library. It enforces no foreign keys.
pub(crate) struct Scratch(Connection);

impl Scratch {
    /// With `lenient`, double quotes may be around a text, as other programs write it; else they are around names only.
    pub(crate) fn new(lenient: bool) -> Result<Self, SqliteError> {
        let open = || {
            let sqlite = Connection::open_in_memory()?;
            functions::set_up(&sqlite)?;
            sqlite.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DDL, lenient)?;
            sqlite.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, lenient)?;
            sqlite.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, false)?;
            Ok(sqlite)
        };
        open().map(Self).map_err(report)
    }

    /// A file that exists, for reading. It sees one moment, and others are waited for.
    ///
    /// # Errors
    ///
    /// [`Error::Connection`] when there is no such file, or it is no database.
    pub(crate) fn of_file(path: &Path) -> Result<Self, Error> {
        let open = || {
            let sqlite =
                Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
            sqlite.busy_timeout(PATIENCE)?;
            functions::set_up(&sqlite)?;
            // SQLite looks into the file when it is asked for the first time.
            sqlite.execute_batch("BEGIN; SELECT count(*) FROM sqlite_schema")?;
            Ok(sqlite)
        };
        open().map(Self).map_err(|error| {
            let (path, source) = (path.display().to_string(), report(error));
            Error::Connection { path, reason: source.message.clone(), source: Some(Box::new(source)) }
        })
    }

    /// Runs statements that take no arguments.
    pub(crate) fn run(&self, sql: &str) -> Result<(), SqliteError> {
        refuse_nul(sql)?;
        self.0.execute_batch(sql).map_err(report)
    }

    /// Whether SQLite can compile a statement.
    pub(crate) fn check(&self, sql: &str) -> Result<(), SqliteError> {
        self.0.prepare(sql).map(drop).map_err(report)
    }

    /// How SQLite goes about a statement, a step a text; its arguments are of no account.
    #[cfg(feature = "testing")]
    pub(super) fn plan(&self, sql: &str) -> Result<Vec<String>, SqliteError> {
        const DETAIL: usize = 3;
        let mut statement = self.0.prepare(&crate::sql::explain(sql)).map_err(report)?;
        let mut rows = statement.raw_query();
        let mut steps = Vec::new();
        while let Some(row) = rows.next().map_err(report)? {
            steps.push(row.get(DETAIL).map_err(report)?);
        }
        Ok(steps)
    }

    /// The first columns of all rows of a statement.
    pub(crate) fn rows(&self, width: usize, sql: &str, arguments: &[&str]) -> Result<Vec<Vec<Value>>, SqliteError> {
        let mut statement = self.0.prepare(sql).map_err(report)?;
        let bytes = std::cell::Cell::new(0);
        let rows = statement.query_map(rusqlite::params_from_iter(arguments), |row| {
            Ok(RowRef::new(row, &bytes).values(width, |_| true).unwrap_or_default())
        });
        rows.and_then(Iterator::collect).map_err(report)
    }
}
