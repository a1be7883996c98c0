//! Queries that read a whole table for want of an index.

use std::fmt;

use crate::db::Db;
use crate::engine::FullScan;

/// Checks all queries on the database, from now on until the returned value is dropped: those of chains and raw SQL, but not of
/// [`Db::pool`]. A query that reads more than ten rows of a table one after another, where an index would avoid that, makes the
/// test fail when the value is dropped.
///
/// Which index would serve is tried on an empty database of the same schema. Queries that no index on columns would help are
/// allowed: to read all rows, or to search within texts.
///
/// ```should_panic
/// use sqliter::prelude::*;
/// use sqliter::testing::deny_full_scans;
///
/// #[derive(Debug, Clone, PartialEq, Model)]
/// struct Book {
///     pk: Key<Book>,
///     title: String,
///     pages: i64,
/// }
///
/// # #[tokio::main]
/// # async fn main() -> sqliter::Result<()> {
/// let db = Db::memory().await?;
/// db.create_table::<Book>().await?;
/// db.bulk_insert((0..100).map(|i| Book::builder().title(format!("Book {i}")).pages(i))).await?;
///
/// let _scans = deny_full_scans(&db);
/// db.select::<Book>().filter(|b| b.title.eq("Book 7")).fetch_all().await?;
/// // Here the test fails, and the message has the plan and `CREATE INDEX "idx_books_title" ON "books" ("title")`.
/// # Ok(())
/// # }
/// ```
pub fn deny_full_scans(db: &Db) -> FullScans {
    db.engine().scans().begin();
    FullScans { db: db.clone() }
}

/// Checks the queries of a database, from [`deny_full_scans`].
#[derive(Debug)]
#[must_use = "queries are looked at until this is dropped: bind it to a name, as `let _scans = …`"]
pub struct FullScans {
    db: Db,
}

impl FullScans {
    /// What was found so far.
    pub fn found(&self) -> Vec<FullScan> {
        self.db.engine().scans().found()
    }
}

impl Drop for FullScans {
    fn drop(&mut self) {
        let found = self.found();
        self.db.engine().scans().end();
        if !found.is_empty() && !std::thread::panicking() {
            let all: Vec<_> = found.iter().map(ToString::to_string).collect();
            panic!("queries read whole tables where an index would serve:\n\n{}", all.join("\n\n"));
        }
    }
}

impl fmt::Display for FullScan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sql, rows, plan, index } = self;
        let plan = plan.replace('\n', "\n        ");
        write!(
            f,
            "    {sql}\n    passed over {rows} rows one after another:\n        {plan}\n    this would serve:\n        {index}"
        )
    }
}
