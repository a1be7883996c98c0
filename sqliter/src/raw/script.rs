//! Texts of several statements.

use std::time::Duration;

use crate::engine::{Access, Pace};
use crate::error::{Context, Operation, Result};
use crate::session::{Pending, Session};

/// Several statements, begun by [`Session::execute_script`]. Awaiting it runs them.
#[derive(Debug, Clone)]
#[must_use = "a script does nothing until it is awaited"]
pub struct ExecuteScript<'s> {
    session: &'s Session,
    text: String,
    timeout: Option<Duration>,
}

impl Session {
    /// Runs the statements of a text one after the other, in one transaction: all of them or none. Inside a transaction, it is a
    /// savepoint.
    ///
    /// The text has SQL statements with a `;` between them, triggers and comments included, and no placeholders. What rows a
    /// statement returns is not read.
    ///
    /// ```
    /// # use sqliter::prelude::*;
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// let db = Db::memory().await?;
    /// db.execute_script(
    ///     "CREATE TABLE words (word TEXT NOT NULL UNIQUE) STRICT;
    ///      -- The first two.
    ///      INSERT INTO words VALUES ('one');
    ///      INSERT INTO words VALUES ('two');",
    /// )
    /// .await?;
    /// let error = db.execute_script("DELETE FROM words;\nINSERT INTO wrods VALUES ('three')").await.unwrap_err();
    /// assert!(matches!(error, sqliter::Error::Script { line: 2, .. }));
    /// assert_eq!(db.query::<i64>("SELECT count(*) FROM words").fetch_one().await?, Some(2));
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// When it is awaited, [`Error::Script`](crate::Error::Script) with the line of the statement that failed, and as its source:
    ///
    /// * what SQLite has against the statement, or the constraint that it violates;
    /// * [`Error::Refused`](crate::Error::Refused) when it would begin or end a transaction or a savepoint, as the script is one,
    ///   or is something else that [`execute`](Self::execute) does not run: `ATTACH`, `CREATE TEMP`, most pragmas with a value.
    ///   `PRAGMA foreign_keys = OFF` is one of them: inside a transaction it does nothing; `PRAGMA defer_foreign_keys = ON` puts
    ///   off the looking at foreign keys to the end of the script. A statement with a placeholder is another, as nothing gives it
    ///   its value.
    ///
    /// `VACUUM`, and pragmas that cannot run inside a transaction, are for [`execute`](Self::execute).
    pub fn execute_script(&self, text: impl Into<String>) -> ExecuteScript<'_> {
        ExecuteScript { session: self, text: text.into(), timeout: None }
    }
}

impl ExecuteScript<'_> {
    /// How long all of it may take, with what it waits for: see [`Session::timeout`].
    pub const fn timeout(mut self, time: Duration) -> Self {
        self.timeout = Some(time);
        self
    }
}

impl<'s> IntoFuture for ExecuteScript<'s> {
    type Output = Result<()>;
    type IntoFuture = Pending<'s, ()>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let Self { session, text, timeout } = self;
            let context = Context::new(Operation::Execute, "a script").within(timeout);
            let work = move |connection: &mut crate::engine::Connection| connection.execute_script(&text, context);
            session.run(Access::Write, context, Pace::Long, work).await
        })
    }
}
