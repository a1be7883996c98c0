//! What the options are.

use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Duration;

use super::DbOptions;
use crate::cache::CacheOptions;
use crate::engine::Synchronous;

impl DbOptions {
    /// The path of the database file, or `None` for a database in memory.
    pub fn get_path(&self) -> Option<&Path> {
        self.path.as_deref()
    }

    /// Whether the database is emptied when it is opened.
    pub const fn get_reset(&self) -> bool {
        self.reset
    }

    /// Whether only this process may use the file.
    pub const fn get_exclusive(&self) -> bool {
        self.exclusive
    }

    /// Whether the file is only read.
    pub const fn get_read_only(&self) -> bool {
        self.read_only
    }

    /// Whether nobody writes the file.
    pub const fn get_immutable(&self) -> bool {
        self.immutable
    }

    /// How many connections may read at once.
    pub const fn get_max_readers(&self) -> u32 {
        self.max_readers
    }

    /// How many connections the pool of sqlx may open.
    pub const fn get_pool_connections(&self) -> u32 {
        self.pool_connections
    }

    /// How long to wait for a lock.
    pub const fn get_busy_timeout(&self) -> Duration {
        self.busy_timeout
    }

    /// How long to wait for a connection of this `Db`.
    pub const fn get_queue_timeout(&self) -> Duration {
        self.queue_timeout
    }

    /// How long a stream waits for the program.
    pub const fn get_stream_timeout(&self) -> Duration {
        self.stream_timeout
    }

    /// The settings of the cache, if there is one.
    pub const fn get_cache(&self) -> Option<&CacheOptions> {
        self.cache.as_ref()
    }

    /// Whether arguments are logged.
    pub const fn get_log_arguments(&self) -> bool {
        self.log_arguments
    }

    /// From which time on a statement is logged as slow.
    pub const fn get_slow_statements(&self) -> Option<Duration> {
        self.slow_statements
    }

    /// Whether statements are printed when nothing else logs them.
    pub const fn get_debug(&self) -> bool {
        self.debug
    }

    /// The SQL that every connection runs when it is opened.
    pub fn get_on_connect(&self) -> &[String] {
        &self.on_connect
    }

    /// When a commit waits for the disk.
    pub const fn get_synchronous(&self) -> Synchronous {
        self.synchronous
    }

    /// How many bytes of pages each connection keeps, if that was set.
    pub const fn get_cache_size(&self) -> Option<u64> {
        self.cache_size
    }

    /// How many bytes of the file are mapped into memory, if that was set.
    pub const fn get_mmap_size(&self) -> Option<u64> {
        self.mmap_size
    }

    /// To how many bytes the write-ahead log is cut, if that was set.
    pub const fn get_journal_size_limit(&self) -> Option<u64> {
        self.journal_size_limit
    }

    /// What the file must say of the program that it belongs to.
    pub const fn get_application_id(&self) -> Option<i32> {
        self.application_id
    }

    /// Which versions of the file are known.
    pub fn get_user_version(&self) -> Option<RangeInclusive<i32>> {
        self.user_version.clone()
    }
}
