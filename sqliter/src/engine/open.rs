//! Where a database is, and how its connections are opened.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};

use super::{Connection, Log, functions, unopened};
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
    /// What runs on every new connection, those of the pool included.
    on_connect: Arc<[String]>,
    busy_timeout: Duration,
    /// How many statements the connections have run.
    statements: Arc<AtomicU64>,
    log: Log,
}

impl Opener {
    pub(super) fn new(location: Location, on_connect: Arc<[String]>, busy_timeout: Duration, log: Log) -> Result<Self> {
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
                match path.to_str() {
                    None => return Err(refused(&location, "SQLite takes only paths in UTF-8", None)),
                    Some(path) if path.contains('\0') => {
                        return Err(refused(&location, "the path has a NUL character in it", None));
                    }
                    Some(_) => {}
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
        Ok(Self { location, options, on_connect, busy_timeout, statements: Arc::default(), log })
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
        Connection::open(options, &self.on_connect, busy_timeout, Arc::clone(&self.statements), self.log.clone())
            .await
            .map_err(|error| self.explain(error))
    }

    /// The pool that users share.
    pub(super) fn pool(&self, max_connections: u32) -> SqlitePool {
        // A statement that sqlx keeps has the columns of the schema that it was prepared for, which is not that of today.
        let options = self.options.clone().statement_cache_capacity(0);
        let on_connect = Arc::clone(&self.on_connect);
        SqlitePoolOptions::new()
            .max_connections(max_connections)
            // Else a task looks after idle connections, which needs a runtime with a timer at the opening already.
            .idle_timeout(None)
            .max_lifetime(None)
            .after_connect(move |connection, _| {
                let on_connect = Arc::clone(&on_connect);
                Box::pin(async move { functions::configure(connection, &on_connect).await })
            })
            // This asks the connection as much as the test of sqlx does.
            .test_before_acquire(false)
            .before_acquire(|connection, _| {
                Box::pin(async move { functions::renew_schema(connection).await.map(|()| true) })
            })
            .connect_lazy_with(options.optimize_on_close(!self.location.is_memory(), None))
    }

    /// The error in words that help.
    fn explain(&self, error: sqlx::Error) -> Error {
        let reason = match &self.location {
            Location::File(path) => unopened::reason(path, &error),
            Location::Memory(_) => unopened::words(&error),
        };
        refused(&self.location, &reason, Some(Box::new(error)))
    }
}

fn refused(location: &Location, reason: &str, source: Option<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::Connection { path: location.name(), reason: reason.to_owned(), source }
}
