//! What is set of the cache, and what it tells of itself.

use std::time::Duration;

/// Settings of the cache, for [`DbOptions::cache`](crate::DbOptions::cache).
///
/// ```
/// use std::time::Duration;
/// use sqliter::CacheOptions;
/// use sqliter::prelude::*;
///
/// # #[derive(Debug, Clone, PartialEq, Model)]
/// # struct Book { pk: Key<Book>, title: String }
/// # #[tokio::main]
/// # async fn main() -> sqliter::Result<()> {
/// let db = Db::options().cache(CacheOptions::default().ttl(Duration::from_secs(60))).open().await?;
/// db.create_table::<Book>().await?;
/// let emma = db.insert(Book::builder().title("Emma")).await?;
/// db.get(emma.pk).await?;
/// db.get(emma.pk).await?;
/// assert_eq!(db.cache_stats().hits, 1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "the options do nothing until a database is opened with them"]
pub struct CacheOptions {
    pub(super) ttl: Option<Duration>,
    pub(super) max_entries: usize,
    pub(super) max_bytes: usize,
}

impl Default for CacheOptions {
    /// No time-to-live, 1,000 entries, 64 MiB.
    fn default() -> Self {
        Self { ttl: None, max_entries: 1_000, max_bytes: 64 << 20 }
    }
}

impl CacheOptions {
    /// How long an entry is kept at most, unless a query says otherwise.
    pub const fn ttl(mut self, ttl: Duration) -> Self {
        self.ttl = Some(ttl);
        self
    }

    /// How many results are kept at most; the least recently used go first.
    pub const fn max_entries(mut self, entries: usize) -> Self {
        self.max_entries = entries;
        self
    }

    /// How many bytes the results take at most; the least recently used go first, and a larger result is not kept.
    pub const fn max_bytes(mut self, bytes: usize) -> Self {
        self.max_bytes = bytes;
        self
    }
}

/// What the cache has done since the database was opened, from [`Db::cache_stats`](crate::Db::cache_stats).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CacheStats {
    /// Results that came from the cache.
    pub hits: u64,
    /// Results that were looked for and not found, expired or stale.
    pub misses: u64,
    /// Results that were dropped to make room.
    pub evictions: u64,
    /// Results that are kept now.
    pub entries: usize,
    /// Bytes that they take, keys included.
    pub bytes: usize,
}
