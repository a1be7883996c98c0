//! What is counted for the crate `metrics`.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use metrics_util::debugging::{DebugValue, DebuggingRecorder, Snapshotter};
use sqliter::CacheOptions;
use sqliter::prelude::*;
use tempfile::TempDir;

#[derive(Debug, Clone, PartialEq, Model)]
struct Note {
    pk: Key<Note>,
    #[model(unique)]
    text: String,
}

fn recorder() -> &'static Snapshotter {
    static RECORDER: OnceLock<Snapshotter> = OnceLock::new();
    RECORDER.get_or_init(|| {
        let recorder = DebuggingRecorder::new();
        let snapshotter = recorder.snapshotter();
        recorder.install().unwrap();
        snapshotter
    })
}

/// A database of its own, whose path tells its metrics from those of the other tests.
struct Counted {
    _folder: TempDir,
    path: String,
    db: Db,
}

impl Counted {
    async fn open(options: sqliter::DbOptions) -> Self {
        recorder();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes.db").display().to_string();
        let db = options.path(&path).open().await.unwrap();
        db.create_table::<Note>().await.unwrap();
        Self { _folder: folder, path, db }
    }

    /// The metrics of the database by their names, and the kind of an error. Numbers that were read are counted from zero again.
    fn seen(&self) -> BTreeMap<String, DebugValue> {
        let metrics = recorder().snapshot().into_vec().into_iter();
        metrics
            .filter_map(|(key, _, _, value)| {
                let key = key.key();
                let label = |name| key.labels().find(|label| label.key() == name).map(|label| label.value().to_owned());
                let kind = label("kind").map(|kind| format!(" {kind}")).unwrap_or_default();
                (label("database")? == self.path).then(|| (format!("{}{kind}", key.name()), value))
            })
            .collect()
    }
}

fn note(text: impl ToString) -> NewNote {
    NewNote { text: text.to_string() }
}

fn count(seen: &BTreeMap<String, DebugValue>, name: &str) -> u64 {
    match seen.get(name) {
        Some(DebugValue::Counter(count)) => *count,
        None => 0,
        other => panic!("{name}: {other:?}"),
    }
}

fn level(seen: &BTreeMap<String, DebugValue>, name: &str) -> f64 {
    match seen.get(name) {
        Some(DebugValue::Gauge(level)) => level.0,
        other => panic!("{name}: {other:?}"),
    }
}

fn records(seen: &BTreeMap<String, DebugValue>, name: &str) -> Vec<f64> {
    match seen.get(name) {
        Some(DebugValue::Histogram(values)) => values.iter().map(|value| value.0).collect(),
        None => Vec::new(),
        other => panic!("{name}: {other:?}"),
    }
}

/// A snapshot of the recorder takes the numbers of all databases: one test after the other.
#[tokio::test(flavor = "multi_thread")]
async fn everything_is_counted() {
    statements_and_errors().await;
    the_cache().await;
    waits_and_groups().await;
    streams_and_the_log().await;
    two_databases().await;
}

async fn statements_and_errors() {
    let counted = Counted::open(Db::options()).await;
    let db = &counted.db;
    let before = db.statement_count();
    counted.seen();
    let first = db.insert(note("first")).await.unwrap();
    assert!(db.get(first.pk).await.unwrap().is_some());
    assert_eq!(db.select::<Note>().count().await.unwrap(), 1);
    db.insert(note("first")).await.unwrap_err();
    db.insert(note("first")).await.unwrap_err();
    db.execute("FROBNICATE").await.unwrap_err();
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
    db.query::<i64>(endless).timeout(Duration::from_millis(5)).fetch_one().await.unwrap_err();
    let seen = counted.seen();
    assert_eq!(count(&seen, "sqliter_statements_total"), db.statement_count() - before);
    assert_eq!(count(&seen, "sqliter_errors_total UniqueViolation"), 2);
    assert_eq!(count(&seen, "sqliter_errors_total SqlExecution"), 1);
    assert_eq!(count(&seen, "sqliter_errors_total Timeout"), 1);
    assert_eq!(seen.keys().filter(|name| name.starts_with("sqliter_errors")).count(), 3, "{seen:?}");
}

async fn the_cache() {
    let counted = Counted::open(Db::options().cache(CacheOptions::default())).await;
    for _ in 0..3 {
        counted.db.select::<Note>().fetch_all().await.unwrap();
    }
    let seen = counted.seen();
    assert_eq!((count(&seen, "sqliter_cache_misses_total"), count(&seen, "sqliter_cache_hits_total")), (1, 2));
}

async fn waits_and_groups() {
    let counted = Counted::open(Db::options()).await;
    let db = Arc::new(counted.db.clone());
    db.insert(note("alone")).await.unwrap();
    assert_eq!(records(&counted.seen(), "sqliter_writer_wait_seconds"), [0.0; 0], "nobody had to wait");
    let tx = db.begin().await.unwrap();
    let waiting: Vec<_> = (0..8)
        .map(|i| {
            let db = Arc::clone(&db);
            tokio::spawn(async move { db.insert(note(i)).await.unwrap() })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(40)).await;
    tx.commit().await.unwrap();
    for inserted in waiting {
        inserted.await.unwrap();
    }
    let seen = counted.seen();
    let waits = records(&seen, "sqliter_writer_wait_seconds");
    assert!(waits.len() == 8 && waits.iter().all(|wait| (0.001..20.0).contains(wait)), "{waits:?}");
    assert!(waits.iter().any(|wait| *wait >= 0.02), "{waits:?}");
    let groups = records(&seen, "sqliter_commit_group_size");
    assert_eq!(groups.iter().sum::<f64>(), 8.0, "{groups:?}");
    assert!(groups.len() < 8, "{groups:?}");
    // A transaction waits too.
    let tx = db.begin().await.unwrap();
    let other = tokio::spawn({
        let db = Arc::clone(&db);
        async move { db.begin().await.unwrap().rollback().await.unwrap() }
    });
    tokio::time::sleep(Duration::from_millis(20)).await;
    drop(tx);
    other.await.unwrap();
    assert_eq!(records(&counted.seen(), "sqliter_writer_wait_seconds").len(), 1);
}

async fn streams_and_the_log() {
    let counted = Counted::open(Db::options()).await;
    let db = &counted.db;
    db.bulk_insert((0..5000).map(note)).await.unwrap();
    let pages = level(&counted.seen(), "sqliter_log_pages");
    assert!((10.0..2000.0).contains(&pages), "{pages}");
    let mut streams = [db.select::<Note>().fetch_stream(), db.select::<Note>().fetch_stream()];
    for stream in &mut streams {
        stream.next().await.unwrap().unwrap();
    }
    assert_eq!(level(&counted.seen(), "sqliter_streams_open"), 2.0);
    drop(streams);
    for _ in 0..400 {
        if level(&counted.seen(), "sqliter_streams_open") == 0.0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the streams are still open");
}

async fn two_databases() {
    let (one, other) = (Counted::open(Db::options()).await, Counted::open(Db::options()).await);
    one.seen();
    one.db.insert(note("one")).await.unwrap();
    let metrics = recorder().snapshot().into_vec();
    let of = |path: &str| {
        metrics.iter().find_map(|(key, _, _, value)| {
            let key = key.key();
            let is_own = key.labels().any(|label| label.value() == path);
            (is_own && key.name() == "sqliter_statements_total").then_some(value)
        })
    };
    assert!(matches!(of(&one.path), Some(DebugValue::Counter(1..))));
    assert!(matches!(of(&other.path), Some(DebugValue::Counter(0))));
}
