//! What all connections have: settings, functions, and the file that they are to be of.

use std::cmp::Ordering;
use std::ops::{Bound, RangeBounds, RangeInclusive};
use std::sync::Arc;

use super::DbOptions;
#[cfg(doc)]
use crate::Db;
use crate::engine::{Function, OwnCollation, Synchronous};
use crate::error::{Error, Result};
use crate::session::Session;
use crate::sql::set_application_id;
use crate::value::{Value, ValueRef};

impl DbOptions {
    /// Runs SQL on every connection when it is opened, those of [`Db::pool`] included: to attach another database, to set
    /// a pragma of the connection, or to create a temporary table. Raw SQL that would do so on one connection only is refused
    /// with [`Error::Refused`](crate::Error::Refused). Further calls run further SQL after it. The text may have several statements.
    ///
    /// Connections are opened when they are needed, at any time. So the SQL must mean the same whenever it runs, and
    /// should be quick. To a database in memory, `ATTACH` attaches another one in memory, whatever its path looks like.
    /// Where another database is attached, nothing is cached, as SQLite tells only of commits to the main one.
    ///
    /// An extension in C that is linked into the program is on every connection too, once the program has registered it before it
    /// opens the database, by [`sqlite3_auto_extension`](https://www.sqlite.org/c3ref/auto_extension.html); the crate `rusqlite` has it as
    /// `auto_extension`. Files with extensions are not loaded.
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

    /// When a commit waits for the disk, [`Synchronous::Normal`] by default. The connections of [`Db::pool`] have it too.
    ///
    /// With [`Full`](Synchronous::Full) a commit survives a power failure, and waits for the disk; writes that wait for the
    /// writer share one such wait.
    pub const fn synchronous(mut self, synchronous: Synchronous) -> Self {
        self.synchronous = synchronous;
        self
    }

    /// How many bytes of pages of the file each connection keeps in memory, 2 MB by default
    /// ([`PRAGMA cache_size`](https://www.sqlite.org/pragma.html#pragma_cache_size)); rounded up to KiB. What a large transaction
    /// changes beyond that is written to the log before it commits.
    ///
    /// It has nothing to do with [`cache`](Self::cache), which keeps results of queries.
    pub const fn cache_size(mut self, bytes: u64) -> Self {
        self.cache_size = Some(bytes);
        self
    }

    /// How many bytes of the file are mapped into memory, so that reads copy less; 0, which is the default, for none
    /// ([`PRAGMA mmap_size`](https://www.sqlite.org/mmap.html)). SQLite takes up to 2 GB. An error of the disk then ends the program
    /// instead of being an error of the read.
    pub const fn mmap_size(mut self, bytes: u64) -> Self {
        self.mmap_size = Some(bytes);
        self
    }

    /// To how many bytes the file of the write-ahead log is cut when its contents are in the database and it restarts
    /// ([`PRAGMA journal_size_limit`](https://www.sqlite.org/pragma.html#pragma_journal_size_limit)). By default it keeps the
    /// largest size that it has had, which is faster.
    pub const fn journal_size_limit(mut self, bytes: u64) -> Self {
        self.journal_size_limit = Some(bytes);
        self
    }

    /// An SQL function of the program's own, on every connection, those of [`Db::pool`] included: for raw SQL, [`sql`](crate::sql()),
    /// and for the checks, indexes and triggers of the schema. `arguments` is how many arguments it takes.
    ///
    /// For the same arguments it must always give the same, as SQLite may call it once for many rows, and keeps its results in
    /// indexes. It should be quick, as it runs where the query does. An error that it returns is the error of the statement,
    /// and so is a panic. Other programs that open the file do not have it: there, what uses it in the schema fails.
    ///
    /// ```
    /// use sqliter::prelude::*;
    /// use sqliter::Value;
    /// use sqliter::types::ValueRef;
    ///
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// let initials = |arguments: &[ValueRef<'_>]| match arguments {
    ///     [ValueRef::Text(name)] => {
    ///         Ok(Value::Text(name.split_whitespace().filter_map(|word| word.chars().next()).collect()))
    ///     }
    ///     [ValueRef::Null] => Ok(Value::Null),
    ///     _ => Err("initials() takes a text".into()),
    /// };
    /// let db = Db::options().memory().function("initials", 1, initials).open().await?;
    /// let found: String = db.query("SELECT initials(?)").bind("Ada Lovelace").fetch_required().await?;
    /// assert_eq!(found, "AL");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Connection`] when the database is opened, if there is a function of that name with so many arguments already.
    pub fn function<F>(mut self, name: impl Into<String>, arguments: u8, function: F) -> Self
    where
        F: Fn(&[ValueRef<'_>]) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> + Send + Sync + 'static,
    {
        self.functions.push(Function { name: name.into(), arguments, call: Arc::new(function) });
        self
    }

    /// An order of texts of the program's own, on every connection: `ORDER BY name COLLATE …`, and in the schema
    /// `#[model(collate = "…")]` where that is taken.
    ///
    /// It must be an [order](Ord): the same for the same texts at any time, as indexes are sorted by it. Other programs that open the
    /// file do not have it: there, what uses it in the schema fails.
    ///
    /// # Errors
    ///
    /// [`Error::Connection`] when the database is opened, if there is a collation of that name already.
    pub fn collation<F>(mut self, name: impl Into<String>, compare: F) -> Self
    where
        F: Fn(&str, &str) -> Ordering + Send + Sync + 'static,
    {
        self.collations.push(OwnCollation { name: name.into(), compare: Arc::new(compare) });
        self
    }

    /// Which program the file belongs to, by the number in its header
    /// ([`PRAGMA application_id`](https://www.sqlite.org/pragma.html#pragma_application_id)). A new file gets it.
    ///
    /// # Errors
    ///
    /// [`Error::Connection`] when the database is opened, if the file has another number, or has tables and no number: a program
    /// that knows it for its own sets it once, `PRAGMA application_id = …`.
    pub const fn application_id(mut self, id: i32) -> Self {
        self.application_id = Some(id);
        self
    }

    /// Which versions of the file the program knows, by the number in its header
    /// ([`PRAGMA user_version`](https://www.sqlite.org/pragma.html#pragma_user_version)), which migrations may raise: `..=7`. A file
    /// without tables is not checked. The number is checked when the database is opened, and not later.
    ///
    /// # Errors
    ///
    /// [`Error::Connection`] when the database is opened, if the file has another version.
    pub fn user_version(mut self, known: impl RangeBounds<i32>) -> Self {
        let first = match known.start_bound() {
            Bound::Included(first) => *first,
            Bound::Excluded(before) => before.saturating_add(1),
            Bound::Unbounded => i32::MIN,
        };
        let last = match known.end_bound() {
            Bound::Included(last) => *last,
            Bound::Excluded(behind) => behind.saturating_sub(1),
            Bound::Unbounded => i32::MAX,
        };
        self.user_version = Some(first..=last);
        self
    }

    /// The settings that have an option of their own.
    pub(super) fn pragmas(&self) -> Vec<(&'static str, String)> {
        let bytes = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX).to_string();
        // A negative number is one of KiB.
        let cache_size = self.cache_size.map(|bytes| format!("-{}", bytes.div_ceil(1024).min(i32::MAX as u64)));
        let all = [
            ("cache_size", cache_size),
            ("mmap_size", self.mmap_size.map(bytes)),
            ("journal_size_limit", self.journal_size_limit.map(bytes)),
        ];
        all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    /// Brings what is written to the other machines of a cluster. Every write of the library is a transaction, as it is without; it
    /// runs here, and is committed when the machines have agreed that it comes next and it is done in the file of this one.
    ///
    /// * Calls that another machine came before run again by themselves, for as long as the
    ///   [`busy_timeout`](Self::busy_timeout). [`transaction`](Session::transaction) and [`begin`](Session::begin) give
    ///   [`Error::Conflict`] instead, since their code has run once.
    /// * Reads, and transactions that change nothing, see the file of this machine, which may be behind the others.
    /// * A transaction that changes the schema is done on the other machines by its statements. There, the clock is that of the
    ///   transaction, and random numbers are refused.
    /// * Migrations without a transaction are refused, and connections of the [`pool`](Db::pool) only read.
    /// * `VACUUM`, `PRAGMA optimize` and the like are about the file of this machine alone.
    ///
    /// This is an experiment: the package `sqliter-cluster` in the repository has what implements it.
    #[cfg(feature = "cluster")]
    pub fn cluster(mut self, replicator: std::sync::Arc<dyn crate::engine::cluster::Replicator>) -> Self {
        self.replicator = Some(replicator);
        self
    }

    /// Refuses a file of another program, or of another version.
    pub(super) async fn check_file(&self, session: &Session) -> Result<()> {
        if self.application_id.is_none() && self.user_version.is_none() {
            return Ok(());
        }
        let header = async |pragma: &str| session.query::<i64>(pragma).fetch_required().await;
        let refused = |reason| {
            let path = self.path.as_ref().map_or(":memory:".to_owned(), |path| path.display().to_string());
            Err(Error::Connection { path, reason, source: None })
        };
        let is_new =
            session.query::<i64>("SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)").fetch_required().await? != 0;
        if let Some(wanted) = self.application_id {
            match header("PRAGMA application_id").await? {
                found if found == i64::from(wanted) => {}
                0 if is_new && self.read_only => {}
                0 if is_new => session.execute(set_application_id(wanted)).await.map(drop)?,
                0 => {
                    let set = set_application_id(wanted);
                    return refused(format!(
                        "the file does not say which program it belongs to, and `application_id` wants {wanted}: if it belongs to \
                        this one, run `{set}` on it once"
                    ));
                }
                found => {
                    return refused(format!(
                        "the file belongs to another program: its application id is {found}, and `application_id` wants {wanted}"
                    ));
                }
            }
        }
        match &self.user_version {
            Some(known) if !is_new => {
                let found = header("PRAGMA user_version").await?;
                match i32::try_from(found).is_ok_and(|found| known.contains(&found)) {
                    true => Ok(()),
                    false => {
                        refused(format!("the file has the version {found}, and this program knows {}", in_words(known)))
                    }
                }
            }
            Some(_) | None => Ok(()),
        }
    }
}

/// The versions that are known.
fn in_words(known: &RangeInclusive<i32>) -> String {
    match (*known.start(), *known.end()) {
        (first, last) if first == last => format!("{first}"),
        (i32::MIN, last) => format!("those up to {last}"),
        (first, i32::MAX) => format!("those from {first} on"),
        (first, last) => format!("those from {first} to {last}"),
    }
}
