//! The database.

mod options;

use std::ops::Deref;
use std::panic::Location;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sqlx::sqlite::SqlitePool;

use crate::backup::Backup;
use crate::cache::{Cache, CacheStats, Cleared};
use crate::error::{Context, Operation, Result};
use crate::migrate::{self, Direction, Migrate, MigrationStatus, Migrations};
use crate::session::Session;

pub use crate::engine::Synchronous;
pub use options::DbOptions;
#[cfg(all(feature = "cluster", feature = "testing"))]
pub(crate) use options::every;

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
    /// | `Jsonb<T>` | nothing | `sqlx::types::Json(&value.0)`, and `jsonb(?)` in the SQL |
    /// | `u64`, `usize`, `isize` | nothing | `i64::try_from(count)?` |
    /// | types of `jiff` | nothing | text in the form of the column |
    /// | `Unix<T>` | nothing | the seconds, an `i64` |
    /// | [`Key`](crate::Key), enums and newtypes with `#[derive(ColumnType)]` | nothing | `key.raw()`, by the lines above; the text or number; the inner value |
    ///
    /// A comparison with a value that is bound in another form finds nothing, without an error. Raw SQL of the library,
    /// [`query`](crate::Session::query) and [`execute`](crate::Session::execute), takes all of these as they are.
    pub fn pool(&self) -> SqlitePool {
        self.engine().pool()
    }

    /// Applies the migrations that were not applied yet, in the order of their versions. Gives those.
    ///
    /// The migrations are those of [sqlx](https://docs.rs/sqlx/latest/sqlx/macro.migrate.html), files such as
    /// `migrations/3_split_names.sql`, or `3_split_names.up.sql` and `3_split_names.down.sql`; those in Rust may come between them
    /// ([`Migration`](crate::Migration)). What was applied is recorded in the table of sqlx, so that `sqlx migrate run` and this
    /// call go on where the other ended.
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
    /// Instead, all of them are checked before the commit: if a row refers to a missing row, and did not before, everything is
    /// undone; so it is if SQLite's [`integrity_check`](https://www.sqlite.org/pragma.html#pragma_integrity_check) finds something.
    /// These checks read the whole file.
    ///
    /// A file that begins with `-- no-transaction` runs outside of a transaction, for `VACUUM` and the like. What came before it is
    /// committed first, and stays even if something fails later; what it has done itself before it fails stays too. While it runs,
    /// its row says that it is not done (`success` is 0). If the process is killed then, the row tells, and calls are
    /// [`Error::MigrationUnfinished`](crate::Error::MigrationUnfinished) until somebody has repaired it.
    ///
    /// # What a file may say
    ///
    /// Everything, except what would hold for one connection only and stay there: `ATTACH`, and settings such as
    /// `PRAGMA cache_size = …`. `PRAGMA foreign_keys` is allowed, and does nothing inside a transaction. `defer_foreign_keys`,
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

    /// Copies the database to another file while it is in use, by SQLite's [backup API](https://www.sqlite.org/backup.html): with
    /// all that is committed when the copy begins, and nothing of what comes later. A database in memory is copied too.
    ///
    /// Nobody waits for it: it has a connection of its own, and others read and write meanwhile. Until it is made, what they write
    /// stays in the [write-ahead log](https://www.sqlite.org/wal.html#ckpt), which grows by that. Of a database in memory, all
    /// pages are copied in memory first, for which its users wait. A file without a write-ahead log, which only
    /// [`read_only`](DbOptions::read_only) opens, is begun anew when others have written; after some times they wait.
    ///
    /// The file has its name when it is whole and on the disk: it is made beside, with a name that ends in `.partial`, and renamed.
    /// When the copy fails, nothing is left of it, nor when the future is dropped, unless the copy was just being renamed: then it is
    /// whole. When the process is killed, the file beside may be left. The copy is a database like any other. It is restored by
    /// opening it, or by putting it in the place of the old file while no program has that open, and without the files `-wal` and
    /// `-shm` of the old one.
    ///
    /// ```
    /// use sqliter::prelude::*;
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Book { pk: Key<Book>, title: String }
    ///
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let folder = std::env::temp_dir().join(format!("sqliter-backup-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder).unwrap();
    /// let db = Db::open(folder.join("library.db")).await?;
    /// db.create_table::<Book>().await?;
    /// db.insert(Book::builder().title("Emma")).await?;
    ///
    /// let nightly = folder.join("nightly.db");
    /// db.backup(&nightly).replace().progress(|done| println!("{} of {} pages", done.pages, done.of)).await?;
    ///
    /// let copy = Db::open(&nightly).await?;
    /// assert_eq!(copy.select::<Book>().count().await?, 1);
    /// # copy.close().await?;
    /// # db.close().await?;
    /// # std::fs::remove_dir_all(&folder).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Backup`](crate::Error::Backup) when the file is there already, and is not to be [replaced](Backup::replace), when it
    /// cannot be written, or the disk is full; [`Error::QueueTimeout`](crate::Error::QueueTimeout) when others have all connections
    /// for too long, as 16 streams or backups may; [`Error::InsideTransaction`](crate::Error::InsideTransaction) inside the closure of
    /// a transaction or snapshot of a database in memory, which has one connection.
    #[track_caller]
    pub fn backup(&self, path: impl Into<PathBuf>) -> Backup<'_> {
        Backup::new(&self.session, path.into(), Location::caller())
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
