//! What SQLite reports.

use super::{Error, code, report};

/// What SQLite itself reported: its [extended result code](https://www.sqlite.org/rescode.html) and message.
///
/// It prints as the message, the code, and what to do where that is not obvious.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} (SQLite result code {code}){}", report::advice(self).map(|advice| format!(": {advice}")).unwrap_or_default())]
pub struct SqliteError {
    /// The extended result code, such as 2067 for `SQLITE_CONSTRAINT_UNIQUE`.
    pub code: i32,
    /// SQLite's message; of a missing table, with what refers to it.
    pub message: String,
}

impl SqliteError {
    /// The primary result code, such as 19 for `SQLITE_CONSTRAINT`.
    pub const fn primary_code(&self) -> i32 {
        code::primary(self.code)
    }

    /// The table that does not exist, when that is what SQLite reports: of the statement, or of a foreign key, a trigger or
    /// a view that it has to do with.
    ///
    /// ```
    /// # use sqliter::prelude::*;
    /// # #[derive(Debug, Clone, PartialEq, Model)]
    /// # struct Book { pk: Key<Book>, title: String }
    /// # #[tokio::main]
    /// # async fn main() -> sqliter::Result<()> {
    /// let db = Db::memory().await?;
    /// let error = db.select::<Book>().fetch_all().await.unwrap_err();
    /// assert_eq!(error.sqlite().and_then(|report| report.missing_table()), Some("books"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn missing_table(&self) -> Option<&str> {
        report::missing_table(&self.message)
    }

    /// The column that its table does not have, when that is what SQLite reports, as of a file that was made for an older
    /// version of a model.
    pub fn missing_column(&self) -> Option<&str> {
        report::missing_column(&self.message)
    }
}

impl Error {
    /// What SQLite itself reported, if it did: the same as the [`source`](std::error::Error::source).
    pub fn sqlite(&self) -> Option<&SqliteError> {
        let source = std::error::Error::source(self)?;
        let own = || source.downcast_ref::<Box<Self>>().map(|inner| &**inner).or_else(|| source.downcast_ref());
        source.downcast_ref().or_else(|| own().and_then(Self::sqlite))
    }
}
