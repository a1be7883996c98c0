//! What the tests of steadiness share.

use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use sqliter::prelude::*;
use sqliter_tests::process_of;
use tokio::runtime::{Builder, Runtime};

pub fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

pub fn many_threads() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

pub fn one_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

/// SQLite finds nothing wrong with the file, read by another library.
pub fn assert_sound(path: &Path) {
    let raw = rusqlite::Connection::open(path).unwrap();
    let integrity: String = raw.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(integrity, "ok");
    let dangling = raw.prepare("PRAGMA foreign_key_check").unwrap().exists([]).unwrap();
    assert!(!dangling, "a foreign key has no target");
}

/// All connections come free at once: those of the readers, that of the writer, and some of the streams.
pub async fn assert_all_lanes_free<M: Model + Send + 'static>(db: &Db, step: &str) {
    const SOON: Duration = Duration::from_secs(3);
    let lanes = async {
        let readers = db.open_options().get_max_readers();
        let mut streams: Vec<_> = (0..readers).map(|_| db.select::<M>().fetch_stream()).collect();
        for stream in &mut streams {
            stream.next().await.transpose().unwrap();
        }
        if db.is_memory() {
            drop(streams);
        }
        db.begin().await.unwrap().rollback().await.unwrap();
        let long = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 20000) SELECT max(x) FROM n";
        let reading = async || db.query::<i64>(long).fetch_required().await.unwrap();
        for _ in 0..readers {
            assert_eq!(tokio::join!(reading(), reading()), (20_000, 20_000));
        }
    };
    assert!(tokio::time::timeout(SOON, lanes).await.is_ok(), "{step}: a connection did not come back");
}

/// How long things took.
#[derive(Debug, Clone, Default)]
pub struct Times(Vec<Duration>);

impl Times {
    pub async fn of<T>(&mut self, work: impl IntoFuture<Output = T>) -> T {
        let started = Instant::now();
        let value = work.await;
        self.0.push(started.elapsed());
        value
    }

    pub fn push(&mut self, time: Duration) {
        self.0.push(time);
    }

    pub fn append(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    pub const fn len(&self) -> usize {
        self.0.len()
    }

    pub fn longest(&self) -> Duration {
        self.0.iter().copied().max().unwrap_or_default()
    }

    /// All of them in microseconds, with blanks between.
    pub fn micros(&self) -> String {
        self.0.iter().map(|time| time.as_micros().to_string()).collect::<Vec<_>>().join(" ")
    }

    /// The time that all but one in so many kept.
    pub fn all_but_one_in(&self, many: usize) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let beyond = sorted.len() / many;
        sorted.iter().rev().nth(beyond).copied().unwrap_or_default()
    }
}

/// Counts, and how the times are spread.
impl std::fmt::Display for Times {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} times, half within {:.1?}, 99 % within {:.1?}, 99.9 % within {:.1?}, longest {:.1?}",
            self.len(),
            self.all_but_one_in(2),
            self.all_but_one_in(100),
            self.all_but_one_in(1000),
            self.longest()
        )
    }
}

/// This test program again, in a process of its own that runs one test; killed when it is dropped.
pub struct Process(pub Child);

impl Process {
    pub fn of_test(module: &str, name: &str, variables: &[(&str, &std::ffi::OsStr)]) -> Self {
        let child = process_of(module, name).envs(variables.iter().copied()).stdout(Stdio::piped()).spawn().unwrap();
        Self(child)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
