//! Where a database is, and how its connections are opened.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};

use super::{Connection, Log, functions};
use crate::error::{Error, Result};

/// A database file, or a database in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Location {
    File(PathBuf),
    /// With a number of its own, so that every open is another database.
    Memory(u64),
}

impl Location {
    pub(crate) fn memory() -> Self {
        static OPENED: AtomicU64 = AtomicU64::new(0);
        Self::Memory(OPENED.fetch_add(1, Ordering::Relaxed))
    }

    pub(crate) fn path(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Memory(_) => None,
        }
    }

    pub(crate) const fn is_memory(&self) -> bool {
        matches!(self, Self::Memory(_))
    }

    fn name(&self) -> String {
        match self {
            Self::File(path) => path.display().to_string(),
            Self::Memory(_) => ":memory:".to_owned(),
        }
    }
}

/// Opens connections that are all set up alike.
#[derive(Debug, Clone)]
pub(super) struct Opener {
    location: Location,
    options: SqliteConnectOptions,
    busy_timeout: Duration,
    /// How many statements the connections have run.
    statements: Arc<AtomicU64>,
    log: Log,
}

impl Opener {
    pub(super) fn new(location: Location, busy_timeout: Duration, log: Log) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .create_if_missing(true)
            .foreign_keys(true)
            .busy_timeout(busy_timeout)
            .thread_name(|id| format!("sqliter-{id}"));
        let options = match &location {
            Location::File(path) => {
                if path.as_os_str().is_empty() {
                    return Err(refused(&location, "the path is empty", None));
                }
                // An absolute path is never taken for a URI or for `:memory:`.
                let absolute = std::path::absolute(path)
                    .map_err(|error| refused(&location, &error.to_string(), Some(Box::new(error))))?;
                options.filename(absolute).journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Normal)
            }
            // https://www.sqlite.org/inmemorydb.html has no word on it, but the VFS `memdb` shares a database whose
            // name begins with a slash among the connections of a process, with locks that wait.
            Location::Memory(number) => options.filename(format!("/sqliter-{number}")).vfs("memdb"),
        };
        Ok(Self { location, options, busy_timeout, statements: Arc::default(), log })
    }

    pub(super) const fn location(&self) -> &Location {
        &self.location
    }

    pub(super) fn statement_count(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    pub(super) const fn busy_timeout(&self) -> Duration {
        self.busy_timeout
    }

    pub(super) const fn log(&self) -> &Log {
        &self.log
    }

    /// A connection for the engine.
    pub(super) async fn connect(&self) -> Result<Connection> {
        let connection = self.open(&self.options, self.busy_timeout).await?;
        if connection.is_read_only() {
            return Err(refused(&self.location, "the file is read-only", None));
        }
        if !connection.is_utf8() {
            return Err(refused(&self.location, "its text is stored as UTF-16, which is not supported", None));
        }
        Ok(connection)
    }

    /// A connection that only watches, and rather fails than waits for a lock.
    pub(super) async fn watch(&self) -> Result<Connection> {
        let options = self.options.clone().busy_timeout(Duration::ZERO);
        self.open(&options, Duration::ZERO).await
    }

    async fn open(&self, options: &SqliteConnectOptions, busy_timeout: Duration) -> Result<Connection> {
        Connection::open(options, busy_timeout, Arc::clone(&self.statements), self.log.clone())
            .await
            .map_err(|error| self.explain(error))
    }

    /// The pool that users share.
    pub(super) fn pool(&self, max_connections: u32) -> SqlitePool {
        SqlitePoolOptions::new()
            .max_connections(max_connections)
            // Else a task looks after idle connections, which needs a runtime with a timer at the opening already.
            .idle_timeout(None)
            .max_lifetime(None)
            .after_connect(|connection, _| Box::pin(functions::configure(connection)))
            .connect_lazy_with(self.options.clone().optimize_on_close(!self.location.is_memory(), None))
    }

    /// The error in words that help: SQLite says no more than "unable to open database file".
    fn explain(&self, error: sqlx::Error) -> Error {
        let reason = match &self.location {
            Location::File(path) if path.is_dir() => "it is a folder".to_owned(),
            Location::File(path) => match path.parent() {
                Some(folder) if !folder.as_os_str().is_empty() && !folder.is_dir() => {
                    format!("the folder {} does not exist", folder.display())
                }
                _ => reason(&error, path),
            },
            Location::Memory(_) => error.to_string(),
        };
        refused(&self.location, &reason, Some(Box::new(error)))
    }
}

fn reason(error: &sqlx::Error, path: &Path) -> String {
    const NOT_A_DATABASE: &str = "26";
    const READ_ONLY: i32 = 8;
    let code = match error {
        sqlx::Error::Database(database) => database.code().unwrap_or_default().into_owned(),
        _ => String::new(),
    };
    if code == NOT_A_DATABASE {
        return "the file is not an SQLite database".to_owned();
    }
    let read_only = std::fs::metadata(path).is_ok_and(|file| file.permissions().readonly());
    if read_only || code.parse().is_ok_and(|code: i32| code & 0xff == READ_ONLY) {
        return "the file is read-only".to_owned();
    }
    error.to_string()
}

fn refused(location: &Location, reason: &str, source: Option<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::Connection { path: location.name(), reason: reason.to_owned(), source }
}
