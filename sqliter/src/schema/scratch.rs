//! Schemas of statements that have not been run.

use super::Schema;
use super::read;
use crate::engine::Scratch;
use crate::error::{Error, Result};

impl Schema {
    /// The schema that these statements make, run one after another in an empty database: those that create tables, views,
    /// indexes and triggers, and those that change them. A text may hold several statements.
    ///
    /// ```
    /// use sqliter::schema::Schema;
    ///
    /// let schema = Schema::from_sql(["CREATE TABLE books (pk INTEGER PRIMARY KEY)", "ALTER TABLE books ADD title TEXT"])?;
    /// assert_eq!(schema.table("books").map(|books| books.columns.len()), Some(2));
    /// # Ok::<(), sqliter::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::SqlExecution`] when SQLite refuses a statement.
    pub fn from_sql(statements: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self> {
        made_by(statements, true)
    }
}

impl Schema {
    /// The schema of a database file, which is only read. Other programs that write it are waited for as long as a
    /// [`Db`](crate::Db) waits by default.
    ///
    /// # Errors
    ///
    /// [`Error::Connection`] when there is no such file, or it is no database.
    pub fn from_file(path: impl AsRef<std::path::Path>) -> Result<Self> {
        let mut file = Scratch::of_file(path.as_ref())?;
        read::read(&mut file)
    }
}

/// The schema that statements make; with `lenient`, where double quotes may be around a text.
pub(crate) fn made_by(statements: impl IntoIterator<Item = impl AsRef<str>>, lenient: bool) -> Result<Schema> {
    let mut scratch = scratch(lenient)?;
    for sql in statements {
        run(&scratch, sql.as_ref())?;
    }
    read::read(&mut scratch)
}

/// A database to try statements in.
pub(super) fn scratch(lenient: bool) -> Result<Scratch> {
    Scratch::new(lenient).map_err(|source| Error::SqlExecution { sql: "a database in memory".to_owned(), source })
}

pub(super) fn run(scratch: &Scratch, sql: &str) -> Result<()> {
    scratch.run(sql).map_err(|source| Error::SqlExecution { sql: sql.to_owned(), source })
}
