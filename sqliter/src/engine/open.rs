//! Where a database is, and how its connections are opened.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions, SqliteSynchronous};

use super::busy::Waiting;
use super::claim::{Claims, Obstacle};
use super::cluster::Replicator;
use super::setup::{self, SetUp};
use super::wishes::{FileUse, Synchronous, Wishes};
use super::{Connection, Counts, Log, file_state, lock};
use crate::error::{Context, Error, Operation, Result, SqliteError, code};

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
    set_up: SetUp,
    /// What is counted of all connections.
    counts: Arc<Counts>,
    #[cfg(feature = "testing")]
    scans: Arc<super::scans::Scans>,
    log: Log,
}

impl Opener {
    pub(super) fn new(location: Location, log: Log, wishes: Wishes) -> Result<Self> {
        let mut claims = None;
        let file_use = wishes.file_use;
        let options = SqliteConnectOptions::new()
            .create_if_missing(!file_use.reads_only())
            .foreign_keys(true)
            .busy_timeout(wishes.busy_timeout)
            .thread_name(|id| format!("sqliter-{id}"));
        let settings = wishes.pragmas.iter().cloned();
        let options = settings.fold(options, |options, (name, value)| options.pragma(name, value));
        let options = match &location {
            Location::File(path) => {
                let wrong = match path.to_str() {
                    Some("") => Some("the path is empty"),
                    Some(path) if path.contains('\0') => Some("the path has a NUL character in it"),
                    Some(_) => None,
                    None => Some("the path is not UTF-8, as SQLite needs it"),
                };
                if let Some(reason) = wrong {
                    return Err(refused(&location, reason, None));
                }
                // An absolute path is never taken for a URI or for `:memory:`.
                let absolute = std::path::absolute(path)
                    .map_err(|error| refused(&location, &error.to_string(), Some(Box::new(error))))?;
                claims = Some(Arc::new(Claims::new(absolute.clone(), file_use == FileUse::Exclusive)));
                let options = options.filename(absolute).synchronous(match wishes.synchronous {
                    Synchronous::Off => SqliteSynchronous::Off,
                    Synchronous::Normal => SqliteSynchronous::Normal,
                    Synchronous::Full => SqliteSynchronous::Full,
                    Synchronous::Extra => SqliteSynchronous::Extra,
                });
                match file_use {
                    FileUse::Exclusive if !lock::EXISTS => {
                        let reason = "`exclusive` needs a lock that only Linux has: leave it out on this system";
                        return Err(refused(&location, reason, None));
                    }
                    FileUse::Exclusive => options.vfs("unix-excl"),
                    FileUse::Shared => options,
                    FileUse::ReadOnly => options.read_only(true),
                    FileUse::Immutable => options.read_only(true).immutable(true),
                }
            }
            Location::Memory(_) if file_use != FileUse::Shared => {
                let reason = match file_use.reads_only() {
                    true => {
                        "a database in memory begins empty, so there is nothing to read in it: leave `read_only` out"
                    }
                    false => "a database in memory is used by this program only: leave `exclusive` out",
                };
                return Err(refused(&location, reason, None));
            }
            // https://www.sqlite.org/inmemorydb.html has no word on it, but the VFS `memdb` shares a database whose
            // name begins with a slash among the connections of a process, with locks that wait.
            Location::Memory(number) => options.filename(format!("/sqliter-{number}")).vfs("memdb"),
        };
        let counts = Arc::new(Counts::new(&location.name()));
        let set_up = SetUp { location: location.clone(), wishes, claims };
        Ok(Self {
            location,
            options,
            set_up,
            counts,
            #[cfg(feature = "testing")]
            scans: Arc::default(),
            log,
        })
    }

    pub(super) const fn location(&self) -> &Location {
        &self.location
    }

    pub(super) const fn counts(&self) -> &Arc<Counts> {
        &self.counts
    }

    pub(super) const fn busy_timeout(&self) -> Duration {
        self.set_up.wishes.busy_timeout
    }

    pub(super) const fn replicator(&self) -> Option<&Arc<dyn Replicator>> {
        self.set_up.wishes.replicator.as_ref()
    }

    pub(super) const fn reads_only(&self) -> bool {
        self.set_up.reads_only()
    }

    /// How a job waits for a lock.
    pub(super) const fn waiting(&self) -> Waiting {
        Waiting::new(self.busy_timeout())
    }

    #[cfg(feature = "testing")]
    pub(super) const fn scans(&self) -> &Arc<super::scans::Scans> {
        &self.scans
    }

    pub(super) const fn log(&self) -> &Log {
        &self.log
    }

    /// A connection for the engine.
    pub(super) async fn connect(&self) -> Result<Connection> {
        let connection = self.open(self.busy_timeout()).await?;
        if connection.is_read_only() && !self.reads_only() {
            return Err(refused(&self.location, "the file is read-only", None));
        }
        Ok(connection)
    }

    /// A connection that only watches, and rather fails than waits for a lock.
    pub(super) async fn watch(&self) -> Result<Connection> {
        self.open(Duration::ZERO).await
    }

    /// Opens a connection that waits for a lock for as long, once it is open.
    async fn open(&self, busy_timeout: Duration) -> Result<Connection> {
        let counts = Arc::clone(&self.counts);
        let opened = Connection::open(&self.options, busy_timeout, counts, self.log.clone(), &self.set_up).await;
        #[cfg(feature = "testing")]
        let opened = opened.map(|mut connection| {
            connection.scans = Arc::clone(&self.scans);
            connection
        });
        opened.map_err(|error| self.explain(error))
    }

    /// The database does not open.
    pub(super) fn refused(&self, reason: &str) -> Error {
        refused(&self.location, reason, None)
    }

    /// All connections are closed: other processes may use the file.
    pub(super) fn release(&self) {
        if let Some(claims) = &self.set_up.claims {
            claims.release();
        }
    }

    /// The pool that users share.
    pub(super) fn pool(&self, max_connections: u32) -> SqlitePool {
        if let Some(claims) = &self.set_up.claims {
            // Before its first connection is opened. Where that fails, so will the connection.
            let _ = claims.claim();
        }
        let is_open = self.set_up.claims.as_ref().is_some_and(|claims| claims.is_open());
        let set_up = self.set_up.clone();
        SqlitePoolOptions::new()
            .max_connections(max_connections)
            // Else a task looks after idle connections, which needs a runtime with a timer at the opening already.
            .idle_timeout(None)
            .max_lifetime(None)
            // sqlx knows the columns of a statement from when it was prepared; of a row that has more of them, since the
            // table was altered in between, it panics on its thread, and the program is told of no row at all. So no
            // prepared statement is kept, and a connection learns of the present schema when it is acquired, in the place of
            // the ping that sqlx would send.
            .test_before_acquire(false)
            .before_acquire(|connection, _| {
                Box::pin(async {
                    sqlx::raw_sql("SELECT 1 FROM sqlite_schema LIMIT 0").execute(connection).await.map(|_| true)
                })
            })
            .after_connect(move |connection, _| {
                let set_up = set_up.clone();
                Box::pin(async move { set_up.apply_to_pool(connection).await })
            })
            .connect_lazy_with(
                self.options
                    .clone()
                    .create_if_missing(!is_open && !self.reads_only())
                    .statement_cache_capacity(0)
                    .optimize_on_close(!self.location.is_memory() && !self.reads_only(), None),
            )
    }

    fn locked_by(&self, message: String) -> Error {
        let report = SqliteError { code: code::BUSY, message };
        Context::new(Operation::Open, &self.location.name()).error(report, self.busy_timeout())
    }

    /// The error in words that help: SQLite says no more than "unable to open database file".
    fn explain(&self, error: sqlx::Error) -> Error {
        let reason = match (&error, &self.location) {
            (sqlx::Error::Configuration(source), location) => match (source.downcast_ref::<Obstacle>(), location) {
                (Some(Obstacle::File(error)), Location::File(path)) => {
                    let report = SqliteError { code: code::CANNOT_OPEN, message: error.to_string() };
                    file_state::reason(&report, path, self.set_up.wishes.file_use)
                }
                (Some(Obstacle::Replaced), _) if self.reads_only() => {
                    "the file was replaced by another one while it was open: close the database, and the next use opens the new file"
                        .to_owned()
                }
                (Some(obstacle @ Obstacle::Replaced), _) => obstacle.to_string(),
                (Some(obstacle), _) => return self.locked_by(obstacle.to_string()),
                (None, _) => source.to_string(),
            },
            (error, location) => match (setup::report(error), location) {
                (Some(report), _) if report.primary_code() == code::BUSY => {
                    let holder = self.set_up.claims.as_ref().and_then(|claims| claims.holder());
                    return self.locked_by(holder.map_or(report.message, |holder| holder.to_string()));
                }
                (Some(report), Location::File(path)) => file_state::reason(&report, path, self.set_up.wishes.file_use),
                (Some(report), Location::Memory(_)) => report.to_string(),
                (None, _) => error.to_string(),
            },
        };
        refused(&self.location, &reason, Some(Box::new(error)))
    }
}

fn refused(location: &Location, reason: &str, source: Option<Box<dyn std::error::Error + Send + Sync>>) -> Error {
    Error::Connection { path: location.name(), reason: reason.to_owned(), source }
}
