//! Statements that return no rows.

use std::time::Duration;

use super::IntoArgument;
use super::arguments::Bound;
use crate::engine::{Access, Pace, is_undone_with_its_transaction, sets_a_number_of_the_file};
use crate::error::{Context, Operation, Result};
use crate::session::{Pending, Session};

/// A statement that returns no rows, begun by [`Session::execute`]. Awaiting it runs it and gives the number of rows that
/// it has changed.
#[derive(Debug, Clone)]
#[must_use = "a statement does nothing until it is awaited"]
pub struct Execute<'s> {
    session: &'s Session,
    statement: Bound,
    timeout: Option<Duration>,
}

impl Session {
    /// Runs one SQL statement that returns no rows; gives the number of rows that it changed.
    ///
    /// ```
    /// # use sqliter::prelude::*;
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Book { pk: Key<Book>, title: String, pages: i64 }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// # let db = Db::memory().await?;
    /// # db.create_table::<Book>().await?;
    /// # db.insert(Book::builder().title("Emma").pages(474)).await?;
    /// db.execute("CREATE VIEW long_books AS SELECT * FROM books WHERE pages > 300").await?;
    /// let changed = db.execute("UPDATE books SET pages = ? WHERE title = ?").bind(480).bind("Emma").await?;
    /// assert_eq!(changed, 1);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When it is awaited:
    ///
    /// * [`Error::Encode`](crate::Error::Encode) when an argument has no form in SQLite,
    ///   [`Error::ArgumentCount`](crate::Error::ArgumentCount) when there are too many or too few;
    /// * [`Error::SeveralStatements`](crate::Error::SeveralStatements) when the text is more than one statement,
    ///   [`Error::ReturnsRows`](crate::Error::ReturnsRows) when it is one for [`query`](Self::query);
    /// * [`Error::Refused`](crate::Error::Refused) when it begins or ends a transaction, or changes its connection for everybody
    ///   who uses it, as most pragmas with a value, `ATTACH` and `CREATE TEMP` do;
    /// * [`Error::SqlExecution`](crate::Error::SqlExecution) with the statement when SQLite refuses it, or the
    ///   constraint that it violates.
    pub fn execute(&self, sql: impl Into<String>) -> Execute<'_> {
        Execute { session: self, statement: Bound::new(sql.into()), timeout: None }
    }
}

impl Execute<'_> {
    /// Gives the next placeholder its value, as [`RawQuery::bind`](crate::bounds::RawQuery::bind) does.
    pub fn bind<By>(mut self, value: impl IntoArgument<By>) -> Self {
        self.statement.push(value);
        self
    }

    /// How long it may take, with what it waits for: see [`Session::timeout`].
    pub const fn timeout(mut self, time: Duration) -> Self {
        self.timeout = Some(time);
        self
    }
}

impl<'s> IntoFuture for Execute<'s> {
    type Output = Result<u64>;
    type IntoFuture = Pending<'s, u64>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let statement = self.statement.finish()?;
            let context = Context::new(Operation::Execute, "a statement").within(self.timeout);
            self.session
                .run(Access::Write, context, Pace::Long, move |connection| {
                    // Alone, it could have been committed when it is stopped; and a cluster has only transactions.
                    let is_undone = is_undone_with_its_transaction(&statement)
                        || (connection.is_clustered() && sets_a_number_of_the_file(&statement));
                    match is_undone && (context.time_left().is_some() || connection.is_clustered()) {
                        true => connection.atomically(context, |connection| connection.execute(&statement)),
                        false => connection.execute(&statement),
                    }
                })
                .await
        })
    }
}
