//! Files that are only read.

use super::DbOptions;
#[cfg(doc)]
use crate::db::Db;
#[cfg(doc)]
use crate::error::Error;
#[cfg(doc)]
use crate::session::Session;

impl DbOptions {
    /// Only reads the file, which another process may write meanwhile by SQLite: the file of a program that this one watches, a
    /// file on a volume that may only be read.
    ///
    /// The file must exist. It is opened as it is, in the [journal mode](https://www.sqlite.org/pragma.html#pragma_journal_mode)
    /// that it has. What others commit is seen by the next read, new tables and columns too, and the [cache](Self::cache) never
    /// gives anything stale. What writes is [`Error::ReadOnly`] at once, a migration that is pending included; so is
    /// [`begin`](Session::begin), and [`begin_read`](Session::begin_read) serves instead. [`Db::pool`] cannot write either. Temporary
    /// tables, made by [`on_connect`](Self::on_connect), can be written through the pool.
    ///
    /// # Without the right to write
    ///
    /// A file without a write-ahead log needs no more than the right to read it. One with a log has two files beside it, with the
    /// endings `-wal` and `-shm`, as long as any program has it open. They may be without the right to write too. Where they are
    /// not there, as all programs have closed the file, SQLite must create them, and they stay: so the program needs the right to
    /// write the folder. They belong to whoever has opened the file first; where the one who writes is another user, it should be
    /// the one who writes. A file that nobody writes is opened without them by [`immutable`](Self::immutable).
    ///
    /// ```
    /// use sqliter::prelude::*;
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Book { pk: Key<Book>, title: String }
    ///
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let folder = std::env::temp_dir().join(format!("sqliter-read-only-{}", std::process::id()));
    /// # std::fs::create_dir_all(&folder).unwrap();
    /// # let path = folder.join("library.db");
    /// let writes = Db::open(&path).await?;
    /// writes.create_table::<Book>().await?;
    ///
    /// let reads = Db::options().path(&path).read_only().open().await?;
    /// writes.insert(Book::builder().title("Emma")).await?;
    /// assert_eq!(reads.select::<Book>().count().await?, 1);
    ///
    /// let error = reads.insert(Book::builder().title("Persuasion")).await.unwrap_err();
    /// assert_eq!(error.to_string(), "cannot insert books: the database was opened with `read_only`");
    /// # reads.close().await?;
    /// # writes.close().await?;
    /// # std::fs::remove_dir_all(&folder).unwrap();
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When the database is opened, [`Error::Connection`] where the file does not exist or may not be read, where SQLite must
    /// create files beside it and may not, or must undo the unfinished transaction of a program that has crashed; and with
    /// [`reset`](Self::reset), [`exclusive`](Self::exclusive) or a database in memory.
    pub const fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }

    /// As [`read_only`](Self::read_only), for a file that **nobody writes** as long as it is open: on a volume that can only be
    /// read, in the image of a container, or one that is published by renaming it to its place, as [`Db::backup`] does it and as a copy
    /// can be that [Litestream](https://litestream.io) has restored.
    ///
    /// SQLite then takes no locks, asks for no files beside it and never looks whether something was changed, which makes reads
    /// faster. If somebody writes the file after all, reads give wrong rows, or report a damaged file.
    ///
    /// A file that is replaced by another one of the name is no danger: connections that are open read
    /// the old one, and one that is opened then is [`Error::Connection`] that says so. After [`Db::close`] the new one is opened.
    ///
    /// # Errors
    ///
    /// As [`read_only`](Self::read_only). [`Error::Connection`] too when there is a log or a journal with something in it beside
    /// the file: then the file is not complete, as a program is writing it, or has crashed while writing it.
    pub const fn immutable(mut self) -> Self {
        self.read_only = true;
        self.immutable = true;
        self
    }
}
