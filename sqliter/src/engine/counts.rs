//! What is counted of a database: its statements always, and the rest for the crate [`metrics`](https://docs.rs/metrics), with
//! the feature of that name. Without it, nothing of the rest is measured.

use std::sync::atomic::{AtomicU64, Ordering};

#[cfg(not(feature = "metrics"))]
use crate::error::Error;

/// The counts of one database.
#[derive(Debug)]
pub(crate) struct Counts {
    statements: AtomicU64,
    #[cfg(feature = "metrics")]
    metrics: Metrics,
}

impl Counts {
    /// The counts of a database with this name. The recorder is the one that is there now.
    #[cfg_attr(not(feature = "metrics"), expect(unused_variables, reason = "only metrics have names"))]
    pub(super) fn new(database: &str) -> Self {
        Self {
            statements: AtomicU64::new(0),
            #[cfg(feature = "metrics")]
            metrics: Metrics::new(database),
        }
    }

    /// How many statements were run.
    pub(super) fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// So many statements more were run.
    pub(super) fn add_statements(&self, statements: u64) {
        self.statements.fetch_add(statements, Ordering::Relaxed);
        #[cfg(feature = "metrics")]
        self.metrics.statements.increment(statements);
    }
}

/// When somebody asked for the writer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Since(#[cfg(feature = "metrics")] std::time::Instant);

impl Since {
    pub(super) fn now() -> Self {
        Self(
            #[cfg(feature = "metrics")]
            std::time::Instant::now(),
        )
    }
}

#[cfg(not(feature = "metrics"))]
impl Counts {
    #[inline(always)]
    pub(crate) const fn has_failed(&self, _: &Error) {}

    #[inline(always)]
    pub(super) const fn has_waited(&self, _: Since) {}

    #[inline(always)]
    pub(super) const fn has_committed(&self, _: usize) {}

    #[inline(always)]
    pub(crate) const fn has_looked_up(&self, _: bool) {}

    #[inline(always)]
    pub(super) const fn streaming<T>(&self, work: impl FnOnce() -> T) -> impl FnOnce() -> T {
        work
    }

    #[inline(always)]
    pub(super) const fn log_has(&self, _: i32) {}
}

#[cfg(feature = "metrics")]
pub(super) use with_recorder::Metrics;

#[cfg(feature = "metrics")]
mod with_recorder {
    use std::fmt::{self, Write};

    use metrics::{Counter, Gauge, Histogram, Unit, counter, describe_counter, describe_gauge, describe_histogram};
    use metrics::{gauge, histogram};

    use super::{Counts, Since};
    use crate::error::Error;

    /// What is told to the recorder.
    #[derive(Debug)]
    pub(in super::super) struct Metrics {
        database: String,
        pub(super) statements: Counter,
        waits: Histogram,
        groups: Histogram,
        hits: Counter,
        misses: Counter,
        streams: Gauge,
        log: Gauge,
    }

    const ERRORS: &str = "sqliter_errors_total";

    impl Metrics {
        pub(super) fn new(database: &str) -> Self {
            macro_rules! of {
                ($kind:ident, $describe:ident, $name:literal, $unit:ident, $text:literal) => {{
                    $describe!($name, Unit::$unit, $text);
                    $kind!($name, "database" => database.to_owned())
                }};
            }
            describe_counter!(ERRORS, Unit::Count, "Calls that have failed, by the kind of the error.");
            Self {
                database: database.to_owned(),
                statements: of!(
                    counter,
                    describe_counter,
                    "sqliter_statements_total",
                    Count,
                    "Statements that were run."
                ),
                waits: of!(
                    histogram,
                    describe_histogram,
                    "sqliter_writer_wait_seconds",
                    Seconds,
                    "How long those waited for the writer who had to."
                ),
                groups: of!(
                    histogram,
                    describe_histogram,
                    "sqliter_commit_group_size",
                    Count,
                    "How many calls shared a commit, of those that waited for the writer."
                ),
                hits: of!(counter, describe_counter, "sqliter_cache_hits_total", Count, "Results found in the cache."),
                misses: of!(
                    counter,
                    describe_counter,
                    "sqliter_cache_misses_total",
                    Count,
                    "Results looked for in the cache in vain."
                ),
                streams: of!(gauge, describe_gauge, "sqliter_streams_open", Count, "Streams that are being read."),
                log: of!(
                    gauge,
                    describe_gauge,
                    "sqliter_log_pages",
                    Count,
                    "Pages in the write-ahead log after the last commit."
                ),
            }
        }
    }

    impl Counts {
        /// A call has failed.
        pub(crate) fn has_failed(&self, error: &Error) {
            let database = self.metrics.database.clone();
            counter!(ERRORS, "database" => database, "kind" => kind_of(error)).increment(1);
        }

        /// Somebody who had to wait for the writer has it.
        pub(in super::super) fn has_waited(&self, asked: Since) {
            self.metrics.waits.record(asked.0.elapsed());
        }

        /// So many calls have shared a commit.
        pub(in super::super) fn has_committed(&self, calls: usize) {
            self.metrics.groups.record(calls as f64);
        }

        /// A result was looked for in the cache.
        pub(crate) fn has_looked_up(&self, found: bool) {
            let counter = if found { &self.metrics.hits } else { &self.metrics.misses };
            counter.increment(1);
        }

        /// The work of a stream.
        pub(in super::super) fn streaming<T>(&self, work: impl FnOnce() -> T) -> impl FnOnce() -> T {
            struct Ended<'m>(&'m Gauge);
            impl Drop for Ended<'_> {
                fn drop(&mut self) {
                    self.0.decrement(1.0);
                }
            }
            move || {
                self.metrics.streams.increment(1.0);
                let _ended = Ended(&self.metrics.streams);
                work()
            }
        }

        /// So many pages are in the log after a commit; of a rolled back one, none is known.
        pub(in super::super) fn log_has(&self, pages: i32) {
            if pages > 0 {
                self.metrics.log.set(f64::from(pages));
            }
        }
    }

    /// The name of the error's variant, such as `UniqueViolation`.
    fn kind_of(error: &Error) -> String {
        struct Word(String);
        impl Write for Word {
            fn write_str(&mut self, text: &str) -> fmt::Result {
                let end = text.find(|c: char| !c.is_ascii_alphanumeric());
                self.0.push_str(text.get(..end.unwrap_or(text.len())).unwrap_or_default());
                // The rest is not wanted.
                end.map_or(Ok(()), |_| Err(fmt::Error))
            }
        }
        let mut word = Word(String::new());
        let _ = write!(word, "{error:?}");
        word.0
    }

    #[test]
    fn the_kind_of_an_error_is_its_variant() {
        let error = Error::RecordNotFound { table: "books".to_owned(), key: None };
        assert_eq!(
            (kind_of(&error), kind_of(&Error::TransactionEnded)),
            ("RecordNotFound".into(), "TransactionEnded".into())
        );
    }
}
