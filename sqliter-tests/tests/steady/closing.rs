//! After `close`, and after the last drop: no file, no thread, nothing of a database in memory, whatever was under way.
#![cfg(target_os = "linux")]

use std::path::Path;
use std::time::{Duration, Instant};

use sqliter::prelude::*;
use sqliter::{CacheOptions, Error};

use crate::load;

#[derive(Debug, Clone, PartialEq, Model)]
struct Item {
    pk: Key<Item>,
    name: String,
}

fn item(name: &str) -> NewItem {
    NewItem { name: name.to_owned() }
}

/// The files in the folder that this process has open.
fn open_files(folder: &Path) -> Vec<String> {
    let links =
        std::fs::read_dir("/proc/self/fd").unwrap().filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok());
    links.filter(|link| link.starts_with(folder)).map(|link| link.display().to_string()).collect()
}

async fn options(path: Option<&Path>, cached: bool) -> Db {
    let mut options = Db::options().max_readers(2).busy_timeout(Duration::from_secs(10));
    if let Some(path) = path {
        options = options.path(path);
    }
    if cached {
        options = options.cache(CacheOptions::default());
    }
    options.open().await.unwrap()
}

async fn with_rows(path: Option<&Path>, cached: bool, name: &str) -> Db {
    let db = options(path, cached).await;
    db.create_table::<Item>().await.unwrap();
    db.bulk_insert((0..2_000).map(|_| item(name))).await.unwrap();
    db
}

/// Closes the database while a stream is open, beside reads that are begun meanwhile and cancelled before they have run.
async fn close_beside_cancelled_reads(db: &Db) {
    let mut stream = db.select::<Item>().fetch_stream();
    stream.next().await.unwrap().unwrap();
    let closing = tokio::spawn({
        let db = db.clone();
        async move { db.close().await }
    });
    tokio::time::sleep(Duration::from_millis(30)).await;
    let reads: Vec<_> = (0..6)
        .map(|at| {
            let db = db.clone();
            tokio::spawn(async move {
                match at % 3 {
                    0 => drop(db.get(Item::key(1)).await),
                    1 => drop(db.select::<Item>().fetch_all().await),
                    _ => drop(db.select::<Item>().count().await),
                }
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(50)).await;
    for read in reads {
        read.abort();
        let _ = read.await;
    }
    drop(stream);
    closing.await.unwrap().unwrap();
}

#[test]
fn nothing_is_open_after_closing_beside_reads_that_were_cancelled() {
    for runtime in [load::one_thread(), load::many_threads()] {
        runtime.block_on(async {
            for cached in [false, true] {
                let folder = load::folder();
                let path = folder.path().join("a.db");
                let db = with_rows(Some(&path), cached, "x").await;
                for _ in 0..5 {
                    close_beside_cancelled_reads(&db).await;
                    assert_eq!(open_files(folder.path()), [] as [String; 0], "cached: {cached}");
                    tokio::time::sleep(Duration::from_millis(30)).await;
                    assert!(!db.is_connected());
                    assert_eq!(open_files(folder.path()), [] as [String; 0], "a moment later, cached: {cached}");
                    assert_eq!(db.select::<Item>().count().await.unwrap(), 2_000);
                }
            }
        });
    }
}

#[test]
fn a_database_in_memory_is_empty_after_closing_with_and_without_a_cache() {
    for runtime in [load::one_thread(), load::many_threads()] {
        runtime.block_on(async {
            for cached in [false, true] {
                let db = with_rows(None, cached, "x").await;
                assert!(db.get(Item::key(1)).await.unwrap().is_some());
                // In memory a stream has the one connection, so that nothing runs beside it.
                close_beside_cancelled_reads(&db).await;
                let error = db.select::<Item>().count().await.unwrap_err();
                assert_eq!(error.sqlite().and_then(|report| report.missing_table()), Some("items"), "{error}");
                db.create_table::<Item>().await.unwrap();
                assert_eq!(db.get(Item::key(1)).await.unwrap(), None, "cached: {cached}");
            }
        });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_cached_or_watched_before_closing_says_nothing_of_the_next_file() {
    for _ in 0..5 {
        let folder = load::folder();
        let (path, other) = (folder.path().join("a.db"), folder.path().join("b.db"));
        with_rows(Some(&other), false, "new").await.close().await.unwrap();
        let db = with_rows(Some(&path), true, "old").await;
        assert_eq!(db.get(Item::key(1)).await.unwrap().unwrap().name, "old");
        close_beside_cancelled_reads(&db).await;
        std::fs::rename(&other, &path).unwrap();
        assert_eq!(db.get(Item::key(1)).await.unwrap().unwrap().name, "new");
        for round in 0..5 {
            let name = format!("new {round}");
            db.select::<Item>().update(|i| i.name.set(name.as_str())).await.unwrap();
            assert_eq!(db.get(Item::key(1)).await.unwrap().unwrap().name, name);
            let outside = format!("outside {round}");
            sqlx::query("UPDATE items SET name = ?").bind(&outside).execute(&db.pool()).await.unwrap();
            assert_eq!(db.get(Item::key(1)).await.unwrap().unwrap().name, outside);
        }
    }
}

/// Reads that go on beside closing open the database again; once they have ended, it closes.
#[tokio::test(flavor = "multi_thread")]
async fn closing_again_and_again_beside_reads_leaves_nothing_open_in_the_end() {
    for cached in [false, true] {
        let folder = load::folder();
        let db = with_rows(Some(&folder.path().join("a.db")), cached, "x").await;
        let until = Instant::now() + Duration::from_millis(400);
        let reads: Vec<_> = (0..4)
            .map(|_| {
                let db = db.clone();
                tokio::spawn(async move {
                    while Instant::now() < until {
                        let read = db.select::<Item>().filter(|i| i.name.eq("x")).fetch_all();
                        match tokio::time::timeout(Duration::from_micros(700), read).await {
                            Ok(rows) => assert_eq!(rows.unwrap().len(), 2_000),
                            Err(_) => tokio::task::yield_now().await,
                        }
                    }
                })
            })
            .collect();
        while Instant::now() < until {
            db.close().await.unwrap();
        }
        for read in reads {
            read.await.unwrap();
        }
        db.close().await.unwrap();
        tokio::time::sleep(Duration::from_millis(20)).await;
        assert_eq!(open_files(folder.path()), [] as [String; 0], "cached: {cached}");
        assert!(!db.is_connected());
    }
}

#[tokio::test]
async fn a_transaction_that_stays_open_keeps_the_database_from_closing_and_nothing_is_lost() {
    let folder = load::folder();
    let db =
        Db::options().path(folder.path().join("a.db")).busy_timeout(Duration::from_millis(100)).open().await.unwrap();
    db.create_table::<Item>().await.unwrap();
    let tx = db.begin().await.unwrap();
    assert!(matches!(db.close().await, Err(Error::Busy { .. })));
    tx.insert(item("a")).await.unwrap();
    tx.commit().await.unwrap();
    let snapshot = db.begin_read().await.unwrap();
    assert!(matches!(db.close().await, Err(Error::Busy { .. })));
    assert_eq!(snapshot.select::<Item>().count().await.unwrap(), 1);
    drop(snapshot);
    db.close().await.unwrap();
    assert_eq!(open_files(folder.path()), [] as [String; 0]);
    assert_eq!(db.select::<Item>().count().await.unwrap(), 1);
}

/// What it cannot do at all is told at once, and what it waits for keeps nobody else waiting.
#[tokio::test]
async fn closing_that_waits_for_a_transaction_or_a_snapshot_keeps_no_reads_waiting() {
    const LIMIT: Duration = Duration::from_secs(2);
    let folder = load::folder();
    let db = Db::options().path(folder.path().join("a.db")).busy_timeout(LIMIT).max_readers(2).open().await.unwrap();
    db.create_table::<Item>().await.unwrap();
    let path = folder.path().join("a.db").display().to_string();
    for kind in ["transaction", "snapshot"] {
        let started = Instant::now();
        let error = match kind {
            "transaction" => db.transaction(async |_| db.close().await).await.unwrap_err(),
            _ => db.snapshot(async |_| db.close().await).await.unwrap_err(),
        };
        assert!(matches!(&error, Error::InsideTransaction { .. }), "{error:?}");
        assert!(error.to_string().starts_with(&format!("cannot close {path} inside the {kind} begun at ")), "{error}");
        assert!(error.to_string().ends_with("close it afterwards"), "{error}");
        assert!(started.elapsed() < LIMIT / 2, "{:?}", started.elapsed());

        let open: Box<dyn std::any::Any> = match kind {
            "transaction" => Box::new(db.begin().await.unwrap()),
            _ => Box::new(db.begin_read().await.unwrap()),
        };
        let other = db.clone();
        let closing = tokio::spawn(async move { other.close().await });
        tokio::time::sleep(LIMIT / 10).await;
        let started = Instant::now();
        assert_eq!(db.select::<Item>().count().await.unwrap(), 0);
        assert_eq!(db.query::<String>("PRAGMA integrity_check").fetch_required().await.unwrap(), "ok");
        if kind == "snapshot" {
            db.transaction(async |_| Ok(())).await.unwrap();
        }
        assert!(started.elapsed() < LIMIT / 2, "{:?}", started.elapsed());
        let error = closing.await.unwrap().unwrap_err();
        assert!(matches!(&error, Error::Busy { limit, .. } if *limit == LIMIT), "{error:?}");
        assert!(error.to_string().contains(&format!("(the {kind} begun at {}:", file!())), "{error}");
        drop(open);
    }
    db.close().await.unwrap();
}

/// A stream can only be waited for with the connections in hand.
#[tokio::test]
async fn closing_that_has_waited_in_vain_leaves_nobody_waiting_behind_it() {
    const LIMIT: Duration = Duration::from_millis(50);
    let folder = load::folder();
    let db = Db::options().path(folder.path().join("a.db")).busy_timeout(LIMIT).open().await.unwrap();
    db.create_table::<Item>().await.unwrap();
    db.bulk_insert((0..2000).map(|number| item(&number.to_string()))).await.unwrap();
    let mut open = db.select::<Item>().fetch_stream();
    open.next().await.unwrap().unwrap();
    let other = db.clone();
    let closing = tokio::spawn(async move { other.close().await });
    tokio::time::sleep(LIMIT / 5).await;
    let started = Instant::now();
    // These wait behind it, for a connection that nobody has to give back.
    let mut another = db.select::<Item>().fetch_stream();
    another.next().await.unwrap().unwrap();
    assert!(matches!(closing.await.unwrap(), Err(Error::Busy { .. })));
    let mut third = db.select::<Item>().fetch_stream();
    third.next().await.unwrap().unwrap();
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    drop((open, another, third));
    db.close().await.unwrap();
}

/// What is dropped closes on threads of its own.
#[tokio::test(flavor = "multi_thread")]
async fn the_last_drop_gives_the_files_back_a_moment_later() {
    for cached in [false, true] {
        let folder = load::folder();
        let db = with_rows(Some(&folder.path().join("a.db")), cached, "x").await;
        assert!(db.get(Item::key(1)).await.unwrap().is_some());
        let pool = db.pool();
        sqlx::query("UPDATE items SET name = 'pool'").execute(&pool).await.unwrap();
        let begun = Instant::now();
        // sqlx brings the connection back in a task of its own; until then it is in use, and closes by itself.
        while pool.num_idle() == 0 {
            assert!(begun.elapsed() < Duration::from_secs(20));
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        drop(pool);
        let stream = db.select::<Item>().fetch_stream();
        let tx = db.begin().await.unwrap();
        drop((stream, tx, db));
        let begun = Instant::now();
        while !open_files(folder.path()).is_empty() {
            assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", open_files(folder.path()));
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        // The log went into the file.
        assert!(!folder.path().join("a.db-wal").exists());
    }
}

const ROLE: &str = "SQLITER_CLOSING";

/// Threads are counted, so this is done in a process of its own.
#[test]
fn no_thread_is_left_after_closing() {
    let threads = || {
        let tasks = std::fs::read_dir("/proc/self/task").unwrap();
        let names = tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok());
        names.filter(|name| name.starts_with("sqliter")).collect::<Vec<_>>()
    };
    if std::env::var_os(ROLE).is_none() {
        let mut process =
            load::Process::of_test(module_path!(), "no_thread_is_left_after_closing", &[(ROLE, "1".as_ref())]);
        let status = process.0.wait().unwrap();
        assert!(status.success());
        return;
    }
    load::many_threads().block_on(async {
        for cached in [false, true] {
            for is_memory in [false, true] {
                let folder = load::folder();
                let path = folder.path().join("a.db");
                let db = with_rows((!is_memory).then_some(path.as_path()), cached, "x").await;
                for _ in 0..3 {
                    let reads: Vec<_> = (0..8)
                        .map(|_| {
                            let db = db.clone();
                            tokio::spawn(async move { db.select::<Item>().fetch_all().await.map(|rows| rows.len()) })
                        })
                        .collect();
                    for read in reads {
                        let _ = read.await.unwrap();
                    }
                    assert!(!threads().is_empty(), "connections have threads");
                    db.close().await.unwrap();
                    // Those of sqlx end after they have told that their connection is closed.
                    let begun = Instant::now();
                    while !threads().is_empty() {
                        assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", threads());
                        std::thread::sleep(Duration::from_millis(1));
                    }
                }
            }
        }
    });
}
