//! Statements that return rows.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::IntoArgument;
use super::arguments::Bound;
use crate::engine::{Access, Described, Pace, Wanted, is_pragma, pace_of};
use crate::error::{Context, Error, Operation, Result};
use crate::row::{FromRow, Reader, ResultColumns};
use crate::session::{Pending, Session};
use crate::sql::Statement;

/// A query in SQL, begun by [`Session::query`]. Nothing runs before one of its fetch methods is awaited.
#[must_use = "a query does nothing until one of its fetch methods is awaited"]
pub struct RawQuery<'s, T> {
    session: &'s Session,
    statement: Bound,
    timeout: Option<Duration>,
    fetch: Fetch<'s, T>,
}

/// Runs a statement and reads its rows. It is kept as a value, so that a `T` that cannot be read is reported where it is
/// named, and not again for every method.
type Fetch<'s, T> = fn(&'s Session, Statement, Option<Duration>, Wanted) -> Pending<'s, Vec<T>>;

impl<T> Clone for RawQuery<'_, T> {
    fn clone(&self) -> Self {
        Self { session: self.session, statement: self.statement.clone(), timeout: self.timeout, fetch: self.fetch }
    }
}

impl<T> fmt::Debug for RawQuery<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawQuery").field("statement", &self.statement).finish_non_exhaustive()
    }
}

impl Session {
    /// Begins a query in SQL, whose rows become values of `T`: a model or a struct that derives [`Row`](crate::Row), by
    /// the names of the columns; a single value; a tuple of these, by position; a [`Record`](crate::Record) of all
    /// columns.
    ///
    /// ```
    /// use sqliter::prelude::*;
    ///
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Book { pk: Key<Book>, title: String, pages: i64 }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_table::<Book>().await?;
    /// # db.insert(Book::builder().title("Emma").pages(474)).await?;
    /// let emma: Vec<Book> = db.query::<Book>("SELECT * FROM books WHERE title = ?").bind("Emma").fetch_all().await?;
    /// let (title, pages) = db
    ///     .query::<(String, i64)>("SELECT title, pages FROM books WHERE pk = ?")
    ///     .bind(&emma[0])
    ///     .fetch_required()
    ///     .await?;
    /// let longer = db.query::<i64>("UPDATE books SET pages = pages + ? RETURNING pages").bind(1).fetch_all().await?;
    /// assert_eq!((title.as_str(), pages, longer[0]), ("Emma", 474, 475));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// In a tuple, a model or a struct takes as many columns as it has, whose names are checked; it finds them in any order. An
    /// `Option` of one is `None` where all its columns are `NULL`, as behind a left join.
    ///
    /// ```
    /// # use sqliter::prelude::*;
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct User { pk: Key<User>, name: String }
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Issue { pk: Key<Issue>, title: String, assignee_id: Option<Key<User>> }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_tables::<(User, Issue)>().await?;
    /// # db.insert(Issue::builder().title("First")).await?;
    /// let sql = "SELECT i.*, u.*, length(i.title) FROM issues i LEFT JOIN users u ON u.pk = i.assignee_id";
    /// let rows: Vec<(Issue, Option<User>, i64)> = db.query(sql).fetch_all().await?;
    /// assert_eq!((&rows[0].1, rows[0].2), (&None, 5));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// A statement that writes, with a `RETURNING` clause, runs where all writing does, and keeps nothing when one of
    /// its rows cannot be read. The result is never cached; the results that the cache has of chains are out of date
    /// once such a statement has written, as after any other write.
    ///
    /// Columns are found by their names, whatever the case of ASCII letters; columns that no field asks for are ignored. Of
    /// several columns of one name, a model reads the one that comes from its table. The name of a column is what follows
    /// `AS`, or that of the column it comes from: SQLite [promises no other](https://www.sqlite.org/c3ref/column_name.html).
    pub fn query<T: FromRow>(&self, sql: impl Into<String>) -> RawQuery<'_, T> {
        let fetch: Fetch<'_, T> = |session, statement, timeout, wanted| {
            let context = move || Context::new(Operation::Execute, "a statement").within(timeout);
            Box::pin(async move { fetch(session, statement, context(), wanted).await })
        };
        RawQuery { session: self, statement: Bound::new(sql.into()), timeout: None, fetch }
    }
}

impl<T> RawQuery<'_, T> {
    /// Gives the next placeholder its value: a value of any type that fits a column or a reference to one, text as
    /// `&str`, bytes as `&[u8]`, an `Option` of each, a reference to a model for its key.
    ///
    /// The first call is for `?1` or the first `?`, the second for the next, and so on; placeholders with names count in
    /// the order of their first appearance.
    pub fn bind<By>(mut self, value: impl IntoArgument<By>) -> Self {
        self.statement.push(value);
        self
    }

    /// How long it may take, with what it waits for: see [`Session::timeout`].
    pub const fn timeout(mut self, time: Duration) -> Self {
        self.timeout = Some(time);
        self
    }

    /// All rows.
    ///
    /// # Errors
    ///
    /// * [`Error::Encode`] when an argument has no form in SQLite, [`Error::ArgumentCount`] when there are too many or
    ///   too few;
    /// * [`Error::Refused`] when it begins or ends a transaction, or changes its connection for everybody who uses it, as most
    ///   pragmas with a value do;
    /// * [`Error::SeveralStatements`] when the text is more than one statement, [`Error::ReturnsNoRows`] when it is one
    ///   for [`execute`](Session::execute);
    /// * [`Error::MissingColumn`], [`Error::AmbiguousColumn`], [`Error::ColumnReadTwice`], [`Error::OtherColumns`] or
    ///   [`Error::ColumnCount`] when the columns are not those of `T`, [`Error::Decode`] when a value does not fit;
    /// * [`Error::SqlExecution`] when SQLite refuses the statement, or the constraint that it violates.
    pub async fn fetch_all(self) -> Result<Vec<T>> {
        (self.fetch)(self.session, self.statement.finish()?, self.timeout, Wanted::All).await
    }

    /// The first row that comes, or `None`. A statement that writes still runs to its end.
    ///
    /// # Errors
    ///
    /// As [`fetch_all`](Self::fetch_all).
    pub async fn fetch_one(self) -> Result<Option<T>> {
        Ok((self.fetch)(self.session, self.statement.finish()?, self.timeout, Wanted::First).await?.pop())
    }

    /// As [`fetch_one`](Self::fetch_one), for a row that must be there. Of several rows it is the first.
    ///
    /// # Errors
    ///
    /// [`Error::RecordNotFound`] with the statement when there is none, else as [`fetch_all`](Self::fetch_all).
    pub async fn fetch_required(self) -> Result<T> {
        let statement = self.statement.finish()?;
        let text = statement.text.clone();
        match (self.fetch)(self.session, statement, self.timeout, Wanted::First).await?.pop() {
            Some(row) => Ok(row),
            None => Err(Error::RecordNotFound { table: text, key: None }),
        }
    }

    /// The only row. A statement that writes still runs to its end, and what it has written stays.
    ///
    /// # Errors
    ///
    /// [`Error::RecordNotFound`] with the statement when there is none, [`Error::SeveralRecords`] with it when there are
    /// more, else as [`fetch_all`](Self::fetch_all).
    pub async fn fetch_only(self) -> Result<T> {
        let statement = self.statement.finish()?;
        let text = statement.text.clone();
        Error::only((self.fetch)(self.session, statement, self.timeout, Wanted::FirstTwo).await?, text)
    }
}

/// Runs the statement on a reader, which tells whether it writes; if it does, on the writer.
async fn fetch<T: FromRow>(
    session: &Session,
    statement: Statement,
    context: Context<'static>,
    wanted: Wanted,
) -> Result<Vec<T>> {
    let pace = pace_of(&statement, Access::Read);
    let statement = Arc::new(statement);
    let is_plain = matches!(pace, Pace::Measured(_));
    if (is_plain || !session.in_transaction())
        && let Some(rows) = fetch_on(session, Access::Read, pace, Arc::clone(&statement), context, wanted).await?
    {
        return Ok(rows);
    }
    // To SQLite, pragmas may write even where they only ask; where they do, the reader of such a database refuses that.
    let lane = if session.engine().reads_only() && is_pragma(&statement) { Access::Read } else { Access::Write };
    Ok(fetch_as(session, lane, Access::Write, Pace::Long, statement, context, wanted).await?.unwrap_or_default())
}

async fn fetch_on<T: FromRow>(
    session: &Session,
    access: Access,
    pace: Pace,
    statement: Arc<Statement>,
    context: Context<'static>,
    wanted: Wanted,
) -> Result<Option<Vec<T>>> {
    fetch_as(session, access, access, pace, statement, context, wanted).await
}

/// As [`fetch_on`], on a connection for something else than the statement may do.
async fn fetch_as<T: FromRow>(
    session: &Session,
    lane: Access,
    access: Access,
    pace: Pace,
    statement: Arc<Statement>,
    context: Context<'static>,
    wanted: Wanted,
) -> Result<Option<Vec<T>>> {
    session
        .run(lane, context, pace, move |connection| {
            let reader = |statement: Described<'_>| <T::Reader as Reader<T>>::new(&ResultColumns::new(statement));
            connection.query_raw(&statement, access, wanted, reader, |reader, row| reader.read(row))
        })
        .await
}
