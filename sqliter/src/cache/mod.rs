//! The cache of query results: rows as SQLite gave them, decoded anew for every use.
//!
//! An entry is good as long as nothing was committed since it was read, by whatever connection or process. SQLite
//! itself tells, to a connection that writes nothing: by the header of the wal-index, and where there is none by
//! [`PRAGMA data_version`](https://www.sqlite.org/pragma.html#pragma_data_version). The version is read before the query,
//! so that a commit between the two makes the entry stale at once instead of keeping it too long.

mod key;
mod options;
mod rows;

use std::mem::size_of;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use hashlink::LruCache;

use crate::engine::{Connection, Engine, Revision, locked};
use crate::error::Result;

pub(crate) use key::key;
pub use options::{CacheOptions, CacheStats};
pub(crate) use rows::{Keeping, Rows};

/// From how many bytes on rows are decoded and dropped on a thread of the engine.
const MANY_BYTES: usize = 64 * 1024;

/// The cache of one database.
pub(crate) struct Cache {
    options: CacheOptions,
    state: Mutex<State>,
    watch: Arc<Mutex<Watch>>,
}

/// The connection that is asked for the version of the database; opened when it is needed first.
#[derive(Default)]
struct Watch {
    connection: Option<Connection>,
    openings: u64,
}

/// A revision of the database, as the connection of an opening tells it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Version {
    opening: u64,
    revision: Revision,
}

struct State {
    entries: LruCache<Box<[u8]>, Entry>,
    bytes: usize,
    hits: u64,
    misses: u64,
    evictions: u64,
}

/// What a cache has kept.
pub(crate) struct Cleared {
    entries: LruCache<Box<[u8]>, Entry>,
    bytes: usize,
}

impl Cleared {
    /// Whether to drop it takes longer than a thread of the program may be kept.
    pub(crate) fn is_much(&self) -> bool {
        const MANY: usize = 16;
        self.entries.len() > MANY || self.bytes > MANY_BYTES
    }
}

struct Entry {
    rows: Rows,
    version: Version,
    expires: Option<Instant>,
    bytes: usize,
}

impl Cache {
    pub(crate) fn new(options: CacheOptions) -> Self {
        let state = State { entries: LruCache::new_unbounded(), bytes: 0, hits: 0, misses: 0, evictions: 0 };
        Self { options, state: Mutex::new(state), watch: Arc::default() }
    }

    /// The version of the database, or `None` when it cannot be told now.
    pub(crate) async fn version(&self, engine: &Engine) -> Result<Option<Version>> {
        if let Some(asked) = locked(&self.watch).version() {
            return Ok(asked);
        }
        let keeping = Arc::clone(&self.watch);
        let keep = move |connection| {
            let mut watch = locked(&keeping);
            watch.connection = Some(connection);
            watch.openings += 1;
        };
        engine.watch(|| locked(&self.watch).connection.is_some(), keep).await?;
        Ok(locked(&self.watch).version().flatten())
    }

    /// A place for the rows of a result. It holds no more than may be kept.
    pub(crate) const fn keeping(&self) -> Keeping {
        Keeping::new(self.options.max_bytes)
    }

    /// The rows of the statement, if they are kept and good, and what is kept no more.
    pub(crate) fn lookup(&self, key: &[u8], version: Version) -> (Option<Rows>, Option<Rows>) {
        let mut state = locked(&self.state);
        let good =
            |entry: &Entry| entry.version == version && entry.expires.is_none_or(|expires| Instant::now() < expires);
        let (found, dropped) = match state.entries.get(key) {
            Some(entry) if good(entry) => (Some(entry.rows.clone()), None),
            Some(_) => (None, state.remove(key)),
            None => (None, None),
        };
        match found {
            Some(_) => state.hits += 1,
            None => state.misses += 1,
        }
        (found, dropped)
    }

    /// Keeps a result. Gives what is kept no more, or not at all.
    pub(crate) fn store(&self, key: Box<[u8]>, version: Version, ttl: Option<Duration>, rows: Rows) -> Vec<Rows> {
        let bytes = size_of::<Entry>() + key.len() + rows.bytes;
        let ttl = ttl.or(self.options.ttl);
        if bytes > self.options.max_bytes || ttl == Some(Duration::ZERO) {
            return vec![rows];
        }
        // A time-to-live beyond the end of time is none.
        let expires = ttl.and_then(|ttl| Instant::now().checked_add(ttl));
        let mut state = locked(&self.state);
        let mut gone = Vec::from_iter(state.remove(&key));
        state.bytes += bytes;
        state.entries.insert(key, Entry { rows, version, expires, bytes });
        while state.bytes > self.options.max_bytes || state.entries.len() > self.options.max_entries {
            match state.entries.remove_lru() {
                Some((_, dropped)) => {
                    state.bytes -= dropped.bytes;
                    state.evictions += 1;
                    gone.push(dropped.rows);
                }
                None => break,
            }
        }
        gone
    }

    /// Takes all entries out, which the caller drops; the counters stay.
    pub(crate) fn clear(&self) -> Cleared {
        let mut state = locked(&self.state);
        let entries = std::mem::replace(&mut state.entries, LruCache::new_unbounded());
        Cleared { entries, bytes: std::mem::take(&mut state.bytes) }
    }

    pub(crate) fn stats(&self) -> CacheStats {
        let state = locked(&self.state);
        CacheStats {
            hits: state.hits,
            misses: state.misses,
            evictions: state.evictions,
            entries: state.entries.len(),
            bytes: state.bytes,
        }
    }

    /// Forgets everything, before the connections of the engine are closed. What was kept is dropped by the caller.
    pub(crate) fn close(&self) -> (Cleared, Option<Connection>) {
        (self.clear(), locked(&self.watch).connection.take())
    }
}

impl Watch {
    /// `None` without a connection; `Some(None)` when it cannot be told now.
    fn version(&mut self) -> Option<Option<Version>> {
        let opening = self.openings;
        self.connection.as_mut().map(|connection| connection.revision().map(|revision| Version { opening, revision }))
    }
}

impl State {
    fn remove(&mut self, key: &[u8]) -> Option<Rows> {
        let entry = self.entries.remove(key)?;
        self.bytes -= entry.bytes;
        Some(entry.rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::RowRef;
    use crate::value::Value;

    fn rows(text: &str) -> Rows {
        let values = [Value::Text(text.to_owned())];
        cache(CacheOptions::default()).keeping().and(&RowRef::kept(&values), 1).unwrap().done()
    }

    fn version(number: i64) -> Version {
        Version { opening: 1, revision: Revision::DataVersion(number) }
    }

    fn cache(options: CacheOptions) -> Cache {
        Cache::new(options)
    }

    #[test]
    fn the_least_recently_used_goes_first() {
        let cache = cache(CacheOptions::default().max_entries(2));
        cache.store(Box::from(*b"a"), version(1), None, rows("a"));
        cache.store(Box::from(*b"b"), version(1), None, rows("b"));
        assert!(cache.lookup(b"a", version(1)).0.is_some());
        cache.store(Box::from(*b"c"), version(1), None, rows("c"));
        assert!(cache.lookup(b"b", version(1)).0.is_none());
        assert!(cache.lookup(b"a", version(1)).0.is_some());
        let stats = cache.stats();
        assert_eq!((stats.hits, stats.misses, stats.evictions, stats.entries), (2, 1, 1, 2));
    }

    #[test]
    fn bytes_are_counted_and_bounded() {
        let cache = cache(CacheOptions::default().max_bytes(1_000));
        cache.store(Box::from(*b"large"), version(1), None, rows(&"x".repeat(2_000)));
        assert_eq!(cache.stats().entries, 0);
        for i in 0..20_u8 {
            cache.store(Box::from([i]), version(1), None, rows(&"x".repeat(300)));
            assert!(cache.stats().bytes <= 1_000);
        }
        assert!(cache.stats().evictions > 0);
        cache.clear();
        assert_eq!(cache.stats().bytes, 0);
    }

    #[test]
    fn rows_are_kept_up_to_the_limit_and_no_further() {
        let cache = cache(CacheOptions::default().max_bytes(1_000));
        let values = [Value::Integer(1), Value::Text("x".repeat(200))];
        let (mut kept, mut keeping) = (0, cache.keeping().and(&RowRef::kept(&values), 2));
        while let Some(more) = keeping {
            kept += 1;
            assert!(more.bytes <= 1_000);
            keeping = more.and(&RowRef::kept(&values), 2);
        }
        assert_eq!(kept, 3);
        let long = [Value::Integer(1), Value::Text("x".repeat(2_000))];
        assert!(cache.keeping().and(&RowRef::kept(&long), 2).is_none());
    }

    #[test]
    fn another_version_and_a_passed_time_make_an_entry_stale() {
        let cache = cache(CacheOptions::default().ttl(Duration::from_secs(3_600)));
        cache.store(Box::from(*b"a"), version(1), None, rows("a"));
        assert!(cache.lookup(b"a", version(2)).0.is_none());
        assert!(cache.lookup(b"a", version(1)).0.is_none(), "a stale entry is dropped");
        cache.store(Box::from(*b"b"), version(1), Some(Duration::ZERO), rows("b"));
        assert!(cache.lookup(b"b", version(1)).0.is_none());
        cache.store(Box::from(*b"c"), version(1), Some(Duration::from_millis(1)), rows("c"));
        std::thread::sleep(Duration::from_millis(5));
        assert!(cache.lookup(b"c", version(1)).0.is_none());
        cache.store(Box::from(*b"d"), version(1), Some(Duration::MAX), rows("d"));
        assert!(cache.lookup(b"d", version(1)).0.is_some());
    }
}
