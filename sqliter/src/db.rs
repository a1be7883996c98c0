//! The database.

use std::ops::Deref;
use std::panic::Location;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use sqlx::sqlite::SqlitePool;

use crate::cache::{Cache, CacheOptions, CacheStats, Cleared};
use crate::engine::{Engine, Location as Place, Log, Settings};
use crate::error::{Context, Operation, Result};
use crate::migrate::{self, Direction, Migrate, MigrationStatus, Migrations};
use crate::session::{Clock, Session};
use crate::tables;

/// A database, in a file or in memory. Cheap to clone; all clones share its connections.
///
/// It derefs to [`Session`], which has the methods that read and write. When the last clone is dropped, its connections close on
/// threads of their own, a moment later, as that may take its time: SQLite moves what is in the write-ahead log into the file.
/// [`close`](Self::close) does the same, and has done so when it returns.
#[derive(Debug, Clone)]
pub struct Db {
    session: Session,
    options: Arc<DbOptions>,
}

impl Deref for Db {
    type Target = Session;

    fn deref(&self) -> &Session {
        &self.session
    }
}

impl Db {
    /// Opens a database file, which is created if it does not exist.
    ///
    /// It uses the [write-ahead log](https://www.sqlite.org/wal.html), so that readers and the writer do not wait for
    /// each other, `synchronous = NORMAL`, and enforces foreign keys. The path `:memory:` opens a database in memory.
    ///
    /// # Errors
    ///
    /// [`Error::Connection`](crate::Error::Connection) when the folder does not exist, or the path is a folder, a
    /// read-only file, no database, or one whose text is stored as UTF-16; [`Error::Busy`](crate::Error::Busy) when another
    /// program keeps the file locked for longer than the [busy timeout](DbOptions::busy_timeout).
    pub async fn open(path: impl AsRef<Path>) -> Result<Self> {
        Self::options().path(path).open().await
    }

    /// Opens a new database in memory. It lives as long as the `Db` and its clones.
    ///
    /// # Errors
    ///
    /// [`Error::Connection`](crate::Error::Connection) when SQLite refuses.
    pub async fn memory() -> Result<Self> {
        Self::options().memory().open().await
    }

    /// Options to open a database with.
    pub fn options() -> DbOptions {
        DbOptions::default()
    }

    /// The path of the file as it was given, or `None` for a database in memory.
    pub fn path(&self) -> Option<&Path> {
        self.engine().location().path()
    }

    /// Whether the database is in memory.
    pub fn is_memory(&self) -> bool {
        self.engine().location().is_memory()
    }

    /// Whether connections are open: from the opening to [`close`](Self::close), and again after the next use.
    pub fn is_connected(&self) -> bool {
        self.engine().is_connected()
    }

    /// How many statements the library has run on the database so far, those that begin and end transactions included,
    /// but not those of [`pool`](Self::pool). A test that asserts how it grows guards against a query in a loop.
    pub fn statement_count(&self) -> u64 {
        self.engine().statement_count()
    }

    /// The options that the database was opened with.
    pub fn open_options(&self) -> &DbOptions {
        &self.options
    }

    /// A pool of sqlx on the same database, set up like the library's own connections, for everything that sqlx can
    /// do. It opens connections when they are needed, besides those of the library.
    ///
    /// What a statement leaves behind on its connection, as `PRAGMA foreign_keys = OFF`, `ATTACH` and `CREATE TEMP TABLE` do,
    /// the library refuses in its own raw SQL. Here nothing is refused: it stays on that one connection of the pool, for whoever
    /// gets it next, until the program puts it back. [`DbOptions::on_connect`] reaches all connections.
    ///
    /// sqlx binds values in its own way, which is that of the library for `bool`, the integers up to `u32`, `f32` and
    /// `f64`, text, bytes, all types of `chrono` with offset zero or none, and the dates and times of `time`. The others:
    ///
    /// | value | what sqlx binds | bind this instead |
    /// |---|---|---|
    /// | `Uuid` | a blob of 16 bytes, which finds no text and which a STRICT table refuses | `id.hyphenated()` |
    /// | `time::OffsetDateTime` | text that ends in `Z` or an offset, which a `CHECK` refuses | the same instant as a `chrono::DateTime<Utc>`, or text in that form |
    /// | `chrono::DateTime<FixedOffset>`, `DateTime<Local>` | text with that offset, which a `CHECK` refuses unless it is zero | `at.to_utc()` |
    /// | `Decimal` | nothing: sqlx has none for SQLite | `amount.normalize().to_string()` |
    /// | `Json<T>` of this library | nothing | `sqlx::types::Json(&value.0)` |
    /// | `u64`, `usize`, `isize` | nothing | `i64::try_from(count)?` |
    /// | types of `jiff` | nothing | text in the form of the column |
    /// | `Unix<T>` | nothing | the seconds, an `i64` |
    /// | [`Key`](crate::Key), enums and newtypes with `#[derive(ColumnType)]` | nothing | `key.raw()`, by the lines above; the text or number; the inner value |
    ///
    /// Where a comparison is bound in another form nothing is found, and no error says so. Raw SQL of the library,
    /// [`query`](crate::Session::query) and [`execute`](crate::Session::execute), takes all of these as they are.
    pub fn pool(&self) -> SqlitePool {
        self.engine().pool()
    }

    /// Applies the migrations that were not applied yet, in the order of their versions. Gives those.
    ///
    /// The migrations are those of [sqlx](https://docs.rs/sqlx/latest/sqlx/macro.migrate.html), files such as
    /// `migrations/3_split_names.sql`, or `3_split_names.up.sql` and `3_split_names.down.sql`; those in Rust may stand between them
    /// ([`Migration`](crate::Migration)). What was applied stands in the table of sqlx, so that `sqlx migrate run` and this call
    /// go on where the other ended.
    ///
    /// ```
    /// use sqliter::prelude::*;
    /// use sqliter::sqlx;
    ///
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # use sqlx::SqlSafeStr as _;
    /// // In a program: `static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!();`, as below.
    /// # let up = sqlx::migrate::MigrationType::Simple;
    /// # let sql = "CREATE TABLE books (pk INTEGER PRIMARY KEY, title TEXT NOT NULL)".into_sql_str();
    /// # let first = sqlx::migrate::Migration::new(1, "create books".into(), up, sql, false);
    /// # let migrations = sqlx::migrate::Migrator::with_migrations(vec![first]);
    /// let db = Db::memory().await?;
    /// let applied = db.migrate(&migrations).await?;
    /// assert_eq!(applied[0].description, "create books");
    /// assert!(db.migrate(&migrations).await?.is_empty());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # The files of a program
    ///
    /// `sqlx::migrate!()` takes the files of the folder `migrations` into the program. It needs sqlx beside this library,
    /// `sqlx = { version = "0.9", default-features = false, features = ["macros", "migrate"] }`, and a `build.rs` with
    /// `fn main() { println!("cargo:rerun-if-changed=migrations"); }`: else Cargo does not see that a file was added, and leaves it
    /// out.
    ///
    /// # All or nothing
    ///
    /// All migrations of a call run in one transaction, together with their rows in sqlx's table: when one fails, or the process
    /// is killed, the database is as it was before the call, and so it is when the future is dropped, unless it was at its commit.
    /// Two processes that call at the same time migrate once; the second waits, as for any lock.
    ///
    /// [Foreign keys](https://www.sqlite.org/foreignkeys.html) are not enforced meanwhile, so that a table can be
    /// [rebuilt](https://www.sqlite.org/lang_altertable.html#otheralter) without its children being deleted with the old one.
    /// Instead, they are all looked at before the commit: where a row refers to none that did not before, everything is undone, and
    /// so it is where SQLite's [`integrity_check`](https://www.sqlite.org/pragma.html#pragma_integrity_check) complains. These checks
    /// read the whole file.
    ///
    /// A file that begins with `-- no-transaction` runs outside of a transaction, for `VACUUM` and the like. What came before it is
    /// committed first, and stays even if something fails later; what it has done itself before it fails stays too. While it runs,
    /// its row says that it is not done (`success` is 0). If the process is killed then, the row tells, and calls are
    /// [`Error::MigrationUnfinished`](crate::Error::MigrationUnfinished) until somebody has seen to it.
    ///
    /// # What a file may say
    ///
    /// Everything, but what would hold for one connection only and stay there: `ATTACH`, and settings such as
    /// `PRAGMA cache_size = …`. `PRAGMA foreign_keys` is let be, as it does nothing inside a transaction. `defer_foreign_keys`,
    /// `legacy_alter_table`, `ignore_check_constraints` and `writable_schema` hold until the end of the file, and what is temporary
    /// is dropped there. `BEGIN` and `COMMIT` are for files without a transaction.
    ///
    /// # Errors
    ///
    /// [`Error::Migration`](crate::Error::Migration) when one fails, with its statement and line;
    /// [`Error::MigrationUnsound`](crate::Error::MigrationUnsound) when the checks find something; before anything runs,
    /// [`Error::MigrationChanged`](crate::Error::MigrationChanged) when the file of one that was applied is another one now,
    /// [`Error::MigrationMissing`](crate::Error::MigrationMissing) when it is gone (unless sqlx is told to ignore that),
    /// [`Error::CannotMigrate`](crate::Error::CannotMigrate) when two have the same version;
    /// [`Error::InsideTransaction`](crate::Error::InsideTransaction) inside a transaction of this database;
    /// [`Error::Busy`](crate::Error::Busy) or [`Error::QueueTimeout`](crate::Error::QueueTimeout) when others keep it waiting.
    #[track_caller]
    pub fn migrate(&self, migrations: impl Into<Migrations>) -> Migrate<'_> {
        Migrate::new(&self.session, migrations.into(), Direction::Up, Location::caller())
    }

    /// Undoes migrations, the last one first, down to [a version](Migrate::to) that stays, or else the last one alone. Gives those
    /// that it has undone. It is as safe as [`migrate`](Self::migrate).
    ///
    /// # Errors
    ///
    /// As [`migrate`](Self::migrate), and [`Error::CannotMigrate`](crate::Error::CannotMigrate) when one of them has no file
    /// `.down.sql`; then nothing is undone.
    #[track_caller]
    pub fn undo_migrations(&self, migrations: impl Into<Migrations>) -> Migrate<'_> {
        Migrate::new(&self.session, migrations.into(), Direction::Down, Location::caller())
    }

    /// What each migration is to the database, in the order of their versions: applied, pending, or something that
    /// [`migrate`](Self::migrate) would refuse.
    ///
    /// # Errors
    ///
    /// [`Error::CannotMigrate`](crate::Error::CannotMigrate) when two of them have the same version.
    pub async fn migration_status(&self, migrations: impl Into<Migrations>) -> Result<Vec<MigrationStatus>> {
        migrate::status(&self.session, migrations.into()).await
    }

    /// What the cache has done so far; all zero without one.
    pub fn cache_stats(&self) -> CacheStats {
        self.session.cache().map(Cache::stats).unwrap_or_default()
    }

    /// Drops all cached results; the counters stay.
    pub fn clear_cache(&self) {
        let kept = self.session.cache().map(Cache::clear).filter(Cleared::is_much);
        kept.into_iter().for_each(|kept| self.engine().drop_aside(kept));
    }

    /// Closes all connections after the work under way: when it has returned, the program has neither the file nor a thread
    /// for it. The next use opens the database again; a database in memory is empty then.
    ///
    /// # Errors
    ///
    /// [`Error::Busy`](crate::Error::Busy) when a transaction, a snapshot or a stream stays open, or a connection of the pool in
    /// use, for longer than the busy timeout; [`Error::InsideTransaction`](crate::Error::InsideTransaction) at once inside the
    /// closure of a transaction or snapshot, whose end it would wait for.
    pub async fn close(&self) -> Result<()> {
        let watch = || {
            let (kept, watching) = self.session.cache().map(Cache::close).unzip();
            (kept, watching.flatten())
        };
        let path = self.path().map_or(":memory:".to_owned(), |path| path.display().to_string());
        self.engine().close(Context::new(Operation::Close, &path), watch).await
    }
}

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
        }
    }
}

impl std::fmt::Debug for DbOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DbOptions")
            .field("path", &self.path)
            .field("reset", &self.reset)
            .field("exclusive", &self.exclusive)
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
    /// As long as the database is open, every other process that opens the file, be it SQLite's own shell, is told that the
    /// database is locked. [`Db::close`] ends that, and so does dropping the last clone, a moment later. Two instances of a
    /// program cannot overlap while one takes over from the other: the second waits as long as the busy timeout, and is told then
    /// which process has the file open. Several databases of one program may share a file if all of them are exclusive.
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
    /// [`Error::Busy`](crate::Error::Busy). The time that a call stands in the line behind others, which wait for the same lock, counts.
    /// Rounded down to milliseconds, at most 24 days.
    pub fn busy_timeout(mut self, limit: Duration) -> Self {
        const MOST: Duration = Duration::from_millis(i32::MAX as u64);
        self.busy_timeout = limit.min(MOST);
        self
    }

    /// How long to wait for a connection of this `Db` that others of its users have: those who write wait for each other,
    /// in the order of asking. Then it is [`Error::QueueTimeout`](crate::Error::QueueTimeout), which says who had the
    /// connection. The time in which a connection is opened does not count. 60 seconds by default.
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
    /// such as `'Emma', 474`; a list is in brackets, and the rows of a bulk insert are parted by semicolons. It ends
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

    /// Runs SQL on every connection when it is opened, those of [`Db::pool`] included: to attach another database, to set
    /// a pragma of the connection, or to create a temporary table. Raw SQL that would do so on one connection only is refused
    /// with [`Error::Refused`](crate::Error::Refused). Further calls run further SQL after it. The text may have several statements.
    ///
    /// Connections are opened when they are needed, at any time. So the SQL must mean the same whenever it runs, and
    /// should be quick. To a database in memory, `ATTACH` attaches another one in memory, whatever its path looks like.
    /// Where another database is attached, nothing is cached, as SQLite tells only of commits to the main one.
    ///
    /// ```
    /// use sqliter::prelude::*;
    ///
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let folder = std::env::temp_dir().join(format!("sqliter-on-connect-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder).unwrap();
    /// # let archive = folder.join("archive.db").display().to_string();
    /// let db = Db::options()
    ///     .path(folder.join("library.db"))
    ///     .on_connect(format!("ATTACH '{archive}' AS archive"))
    ///     .open()
    ///     .await?;
    /// db.execute("CREATE TABLE archive.books (title TEXT)").await?;
    /// assert_eq!(db.query::<i64>("SELECT COUNT(*) FROM archive.books").fetch_required().await?, 0);
    /// # db.close().await?;
    /// # std::fs::remove_dir_all(&folder).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When SQLite refuses the SQL, or it leaves a transaction open, the connection is not used, and what needed it fails
    /// with [`Error::Connection`](crate::Error::Connection). The [pool](Db::pool) of sqlx tries it again until its own time limit of
    /// 30 seconds is over, and gives no reason then; it tells each one to `tracing`.
    pub fn on_connect(mut self, sql: impl Into<String>) -> Self {
        self.on_connect.push(sql.into());
        self
    }

    /// The path of the database file, or `None` for a database in memory.
    pub fn get_path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Whether the database is emptied when it is opened.
    pub const fn get_reset(&self) -> bool {
        self.reset
    }

    /// Whether only this process may use the file.
    pub const fn get_exclusive(&self) -> bool {
        self.exclusive
    }

    /// How many connections may read at once.
    pub const fn get_max_readers(&self) -> u32 {
        self.max_readers
    }

    /// How many connections the pool of sqlx may open.
    pub const fn get_pool_connections(&self) -> u32 {
        self.pool_connections
    }

    /// How long to wait for a lock.
    pub const fn get_busy_timeout(&self) -> Duration {
        self.busy_timeout
    }

    /// How long to wait for a connection of this `Db`.
    pub const fn get_queue_timeout(&self) -> Duration {
        self.queue_timeout
    }

    /// How long a stream waits for the program.
    pub const fn get_stream_timeout(&self) -> Duration {
        self.stream_timeout
    }

    /// The settings of the cache, if there is one.
    pub const fn get_cache(&self) -> Option<&CacheOptions> {
        self.cache.as_ref()
    }

    /// Whether arguments are logged.
    pub const fn get_log_arguments(&self) -> bool {
        self.log_arguments
    }

    /// From which time on a statement is logged as slow.
    pub const fn get_slow_statements(&self) -> Option<Duration> {
        self.slow_statements
    }

    /// Whether statements are printed when nothing else logs them.
    pub const fn get_debug(&self) -> bool {
        self.debug
    }

    /// The SQL that every connection runs when it is opened.
    pub fn get_on_connect(&self) -> &[String] {
        &self.on_connect
    }

    /// Opens the database.
    ///
    /// # Errors
    ///
    /// As [`Db::open`].
    pub async fn open(self) -> Result<Db> {
        let location = match &self.path {
            Some(path) => Place::File(path.clone()),
            None => Place::memory(),
        };
        let log = Log::new(self.log_arguments, self.slow_statements, self.debug);
        let on_connect = self.on_connect.clone().into();
        let engine = Engine::open(Settings {
            location,
            exclusive: self.exclusive,
            max_readers: self.max_readers,
            pool_size: self.pool_connections,
            busy_timeout: self.busy_timeout,
            queue_timeout: self.queue_timeout,
            stream_timeout: self.stream_timeout,
            log,
            on_connect,
        })
        .await?;
        let clock = self.clock.clone().unwrap_or_else(|| Arc::new(SystemTime::now));
        let session = Session::new(engine, clock, self.cache.clone().map(Cache::new));
        if self.reset {
            tables::reset(&session).await?;
        }
        Ok(Db { session, options: Arc::new(self) })
    }
}
