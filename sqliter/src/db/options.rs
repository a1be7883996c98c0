//! How a database is opened.

mod connections;
#[cfg(all(feature = "cluster", feature = "testing"))]
pub(crate) mod every;
mod getters;
mod reading;

use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::Db;
use crate::cache::{Cache, CacheOptions};
use crate::engine::cluster::Replicator;
use crate::engine::{Engine, FileUse, Function, Location as Place, Log, OwnCollation, Settings, Synchronous, Wishes};
use crate::error::{Error, Result};
use crate::session::{Clock, Session};
use crate::tables;

/// Options to open a database with, from [`Db::options`].
///
/// ```
/// use std::time::Duration;
/// use sqliter::prelude::*;
///
/// # #[tokio::main]
/// # async fn main() -> sqliter::Result<()> {
/// # let folder = std::env::temp_dir().join(format!("sqliter-options-{}", std::process::id()));
/// # std::fs::create_dir_all(&folder).unwrap();
/// let db = Db::options()
///     .path(folder.join("library.db"))
///     .reset()
///     .max_readers(4)
///     .busy_timeout(Duration::from_secs(10))
///     .open()
///     .await?;
/// # db.close().await?;
/// # std::fs::remove_dir_all(&folder).unwrap();
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
#[must_use = "options do nothing until they are opened"]
pub struct DbOptions {
    path: Option<PathBuf>,
    reset: bool,
    exclusive: bool,
    read_only: bool,
    immutable: bool,
    max_readers: u32,
    pool_connections: u32,
    busy_timeout: Duration,
    queue_timeout: Duration,
    stream_timeout: Duration,
    clock: Option<Clock>,
    cache: Option<CacheOptions>,
    log_arguments: bool,
    slow_statements: Option<Duration>,
    debug: bool,
    on_connect: Vec<String>,
    synchronous: Synchronous,
    cache_size: Option<u64>,
    mmap_size: Option<u64>,
    journal_size_limit: Option<u64>,
    functions: Vec<Function>,
    collations: Vec<OwnCollation>,
    replicator: Option<Arc<dyn Replicator>>,
    application_id: Option<i32>,
    user_version: Option<RangeInclusive<i32>>,
}

impl Default for DbOptions {
    /// In memory, with readers for half of the processors (at least 2, at most 8), 4 connections for the pool of
    /// sqlx, a busy timeout of 5 seconds, and 60 seconds for the queue and for streams.
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            path: None,
            reset: false,
            exclusive: false,
            read_only: false,
            immutable: false,
            max_readers: u32::try_from(processors / 2).unwrap_or(8).clamp(2, 8),
            pool_connections: 4,
            busy_timeout: Duration::from_secs(5),
            queue_timeout: Duration::from_secs(60),
            stream_timeout: Duration::from_secs(60),
            clock: None,
            cache: None,
            log_arguments: false,
            slow_statements: None,
            debug: false,
            on_connect: Vec::new(),
            synchronous: Synchronous::Normal,
            cache_size: None,
            mmap_size: None,
            journal_size_limit: None,
            functions: Vec::new(),
            collations: Vec::new(),
            replicator: None,
            application_id: None,
            user_version: None,
        }
    }
}

impl std::fmt::Debug for DbOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DbOptions")
            .field("path", &self.path)
            .field("reset", &self.reset)
            .field("exclusive", &self.exclusive)
            .field("read_only", &self.read_only)
            .field("immutable", &self.immutable)
            .field("max_readers", &self.max_readers)
            .field("pool_connections", &self.pool_connections)
            .field("busy_timeout", &self.busy_timeout)
            .field("queue_timeout", &self.queue_timeout)
            .field("stream_timeout", &self.stream_timeout)
            .field("cache", &self.cache)
            .field("log_arguments", &self.log_arguments)
            .field("slow_statements", &self.slow_statements)
            .field("debug", &self.debug)
            .field("on_connect", &self.on_connect)
            .field("synchronous", &self.synchronous)
            .field("cache_size", &self.cache_size)
            .field("mmap_size", &self.mmap_size)
            .field("journal_size_limit", &self.journal_size_limit)
            .field("functions", &self.functions)
            .field("collations", &self.collations)
            .field("application_id", &self.application_id)
            .field("user_version", &self.user_version)
            .finish_non_exhaustive()
    }
}

impl DbOptions {
    /// A database file; `:memory:` is a database in memory.
    pub fn path(mut self, path: impl AsRef<Path>) -> Self {
        let path = path.as_ref();
        self.path = (path.as_os_str() != ":memory:").then(|| path.to_path_buf());
        self
    }

    /// A database in memory. The default.
    pub fn memory(mut self) -> Self {
        self.path = None;
        self
    }

    /// Drops all tables and views when the database is opened.
    pub const fn reset(mut self) -> Self {
        self.reset = true;
        self
    }

    /// Whether only this process may use the file, not even to read it. Off by default.
    ///
    /// SQLite then keeps in memory what else it shares with other processes through the system, which makes reads twice as fast
    /// and writes a quarter faster. All connections are opened so, those of [`Db::pool`] included (with SQLite's
    /// [VFS](https://www.sqlite.org/vfs.html) `unix-excl`, and a lock that also holds while the program opens and closes the file
    /// by other means, to copy it for example).
    ///
    /// As long as the database is open, every other process that opens the file, SQLite's own shell included, gets the error that
    /// the database is locked. [`Db::close`] ends that, and so does dropping the last clone, a moment later. Two instances of a
    /// program cannot overlap while one takes over from the other: the second waits as long as the busy timeout; then its error
    /// says which process has the file open. Several databases of one program may share a file if all of them are exclusive.
    ///
    /// It needs Linux, and a file system on the same machine. No other file can be attached.
    ///
    /// ```
    /// use sqliter::prelude::*;
    ///
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # if cfg!(not(target_os = "linux")) { return Ok(()) }
    /// # let folder = std::env::temp_dir().join(format!("sqliter-exclusive-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder).unwrap();
    /// let db = Db::options().path(folder.join("library.db")).exclusive(true).open().await?;
    /// # db.close().await?;
    /// # std::fs::remove_dir_all(&folder).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When the database is opened, [`Error::Busy`](crate::Error::Busy) with the process that has the file open, or when this
    /// program has it open without `exclusive`; [`Error::Connection`](crate::Error::Connection) for a database in memory, and on
    /// a system that has no such lock.
    pub const fn exclusive(mut self, exclusive: bool) -> Self {
        self.exclusive = exclusive;
        self
    }

    /// How many connections may read at once; at least 1.
    pub const fn max_readers(mut self, readers: u32) -> Self {
        self.max_readers = if readers == 0 { 1 } else { readers };
        self
    }

    /// How many connections the pool of sqlx may open besides the library's own; at least 1.
    pub const fn pool_connections(mut self, connections: u32) -> Self {
        self.pool_connections = if connections == 0 { 1 } else { connections };
        self
    }

    /// How long to wait for a lock that another process holds, or a connection of the [pool](Db::pool); then it is
    /// [`Error::Busy`](crate::Error::Busy). The time that a call waits behind others that wait for the same lock counts. Rounded down to
    /// milliseconds, at most 24 days.
    pub fn busy_timeout(mut self, limit: Duration) -> Self {
        const MOST: Duration = Duration::from_millis(i32::MAX as u64);
        self.busy_timeout = limit.min(MOST);
        self
    }

    /// How long to wait for a connection of this `Db` while other callers have it: those that write wait for each other,
    /// in the order of their calls. Then it is [`Error::QueueTimeout`](crate::Error::QueueTimeout), which says who had
    /// the connection. The time in which a connection is opened does not count. 60 seconds by default.
    pub const fn queue_timeout(mut self, limit: Duration) -> Self {
        self.queue_timeout = limit;
        self
    }

    /// How long a stream keeps its connection while the program takes none of its rows. Then the connection is given back,
    /// and the stream ends with [`Error::StreamTimeout`](crate::Error::StreamTimeout) after the rows that were read already.
    /// 60 seconds by default; at most one second while another statement of the stream's own transaction waits for it.
    pub const fn stream_timeout(mut self, limit: Duration) -> Self {
        self.stream_timeout = limit;
        self
    }

    /// Tells the time for `created_at` and `updated_at`, for tests. Without it, the system does.
    pub fn clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// Caches the results of `get` and of queries, with these settings. Off by default.
    ///
    /// Nothing stale is ever given: a commit by this program, through [`Db::pool`], or by another process makes all
    /// earlier entries miss. Reads inside a transaction do not use the cache, and neither do `count`, `exists`, streams,
    /// raw SQL, and queries that load prefetched relations.
    pub fn cache(mut self, options: CacheOptions) -> Self {
        self.cache = Some(options);
        self
    }

    /// Logs the arguments of the statements too. Off by default: they are what users have typed, secrets included.
    ///
    /// The events of [the log](crate#logs) get the field `arguments`, with the values as SQL literals in their order,
    /// such as `'Emma', 474`; a list is in brackets, and the rows of a bulk insert are separated by semicolons. It ends
    /// with `…` after 8 KiB. Messages of SQLite that may quote arguments are logged whole then.
    ///
    /// What a program writes into the text of a statement itself is no argument: it is always logged, with the `sql`.
    pub const fn log_arguments(mut self, log: bool) -> Self {
        self.log_arguments = log;
        self
    }

    /// Logs statements that took at least this long at the level `WARN`, as "slow statement", instead of `DEBUG`. Off
    /// by default.
    ///
    /// What counts is the time of the statement itself, with the reading of its rows and waiting for a lock of another
    /// process, but not the time before in the queue for a connection.
    pub const fn slow_statements(mut self, limit: Duration) -> Self {
        self.slow_statements = Some(limit);
        self
    }

    /// Prints every statement to standard error, for programs that have no log yet.
    ///
    /// This holds as long as the program has no subscriber of [`tracing`](https://docs.rs/tracing). As soon as it has
    /// one, for the whole program or for the thread that calls, that one gets the events as it would without this
    /// option, and nothing is printed. A subscriber for the whole program is never set here, so the program may set
    /// its own before or after. Statements of other databases are not printed.
    pub const fn debug(mut self, print: bool) -> Self {
        self.debug = print;
        self
    }

    /// Opens the database.
    ///
    /// # Errors
    ///
    /// As [`Db::open`].
    pub async fn open(self) -> Result<Db> {
        #[cfg(all(feature = "cluster", feature = "testing"))]
        let this = every::clustered(self);
        #[cfg(not(all(feature = "cluster", feature = "testing")))]
        let this = self;
        this.open_as_they_are().await
    }

    async fn open_as_they_are(self) -> Result<Db> {
        let location = match &self.path {
            Some(path) => Place::File(path.clone()),
            None => Place::memory(),
        };
        let log = Log::new(self.log_arguments, self.slow_statements, self.debug);
        let wishes = Wishes {
            file_use: self.file_use()?,
            busy_timeout: self.busy_timeout,
            on_connect: self.on_connect.clone().into(),
            synchronous: self.synchronous,
            pragmas: self.pragmas(),
            functions: self.functions.clone().into(),
            collations: self.collations.clone().into(),
            replicator: self.replicator.clone(),
        };
        let engine = Engine::open(Settings {
            location,
            max_readers: self.max_readers,
            pool_size: self.pool_connections,
            queue_timeout: self.queue_timeout,
            stream_timeout: self.stream_timeout,
            log,
            wishes,
        })
        .await?;
        let clock = self.clock.clone().unwrap_or_else(|| Arc::new(SystemTime::now));
        let session = Session::new(engine, clock, self.cache.clone().map(Cache::new));
        self.check_file(&session).await?;
        if self.reset {
            tables::reset(&session).await?;
        }
        Ok(Db { session, options: Arc::new(self) })
    }

    /// What the program does with the file.
    fn file_use(&self) -> Result<FileUse> {
        let refused = |reason: &str| {
            let path = self.path.as_ref().map_or(":memory:".to_owned(), |path| path.display().to_string());
            Err(Error::Connection { path, reason: reason.to_owned(), source: None })
        };
        match (self.read_only, self.exclusive) {
            (true, _) if self.reset => refused("`reset` writes, and `read_only` does not: leave one of them out"),
            (true, true) => {
                refused("`exclusive` keeps others from the file, and `read_only` leaves it to them: leave one out")
            }
            (true, false) => Ok(if self.immutable { FileUse::Immutable } else { FileUse::ReadOnly }),
            (false, true) => Ok(FileUse::Exclusive),
            (false, false) => Ok(FileUse::Shared),
        }
    }
}
