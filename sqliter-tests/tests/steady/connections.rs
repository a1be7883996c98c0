//! Connections under load: many tasks at once, queues, and what does not block what.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use sqliter::prelude::*;
use sqliter::{Error, sqlx};
use sqliter_tests::process_of;

#[derive(Debug, Clone, PartialEq, Model)]
struct Counter {
    pk: Key<Counter>,
    hits: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Event {
    pk: Key<Event>,
    task: i64,
    number: i64,
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

async fn file(folder: &tempfile::TempDir) -> Db {
    prepared(Db::options().path(folder.path().join("a.db"))).await
}

async fn prepared(options: sqliter::DbOptions) -> Db {
    let db = options.open().await.unwrap();
    db.create_tables::<(Counter, Event)>().await.unwrap();
    db.insert(Counter::builder().hits(0)).await.unwrap();
    db
}

/// How many threads of this process belong to connections of the databases.
#[cfg(target_os = "linux")]
fn connections() -> usize {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    let names = tasks.filter_map(|task| std::fs::read_to_string(task.unwrap().path().join("comm")).ok());
    let numbered = |name: &String| name.strip_prefix("sqliter-").is_some_and(|id| id.trim_end().parse::<u64>().is_ok());
    names.filter(numbered).count()
}

/// Every task reads, inserts, counts up and runs transactions; nothing may be lost.
async fn load(db: &Db, tasks: i64, operations: i64) {
    let running: Vec<_> = (0..tasks)
        .map(|task| {
            let db = db.clone();
            tokio::spawn(async move {
                let mut seen = 0;
                for number in 0..operations {
                    match number % 4 {
                        0 => {
                            db.insert(Event::builder().task(task).number(number)).await?;
                        }
                        1 => {
                            let raised = db.select::<Counter>().update(|c| c.hits.add(1)).await?;
                            assert_eq!(raised, 1);
                        }
                        2 => {
                            let own = db.select::<Event>().filter(|e| e.task.eq(task)).count().await?;
                            assert!(own > seen, "task {task}: {own} rows after {seen}");
                            seen = own;
                        }
                        _ => {
                            // Reads and writes without a lock between them would lose steps.
                            db.transaction(async |tx| {
                                let mut counter = tx.get(Counter::key(1)).await?.unwrap();
                                counter.hits += 1;
                                tx.update(&mut counter).await
                            })
                            .await?;
                        }
                    }
                }
                Ok::<_, Error>(())
            })
        })
        .collect();
    for task in running {
        task.await.unwrap().unwrap();
    }
    let quarter = tasks * operations / 4;
    let counter = db.get(Counter::key(1)).await.unwrap().unwrap();
    assert_eq!(counter.hits, quarter * 2);
    assert_eq!(db.select::<Event>().count().await.unwrap(), quarter as u64);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_tasks_on_a_file_lose_nothing_on_many_threads() {
    let folder = folder();
    load(&file(&folder).await, 16, 200).await;
}

#[tokio::test]
async fn many_tasks_on_a_file_lose_nothing_on_one_thread() {
    let folder = folder();
    load(&file(&folder).await, 16, 200).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_tasks_in_memory_lose_nothing() {
    load(&prepared(Db::options()).await, 16, 100).await;
}

#[tokio::test]
async fn two_handles_on_one_file_lose_nothing() {
    let folder = folder();
    let a = file(&folder).await;
    let b = Db::open(folder.path().join("a.db")).await.unwrap();
    let count = async |db: &Db| {
        for _ in 0..100 {
            db.select::<Counter>().update(|c| c.hits.add(1)).await.unwrap();
        }
    };
    tokio::join!(count(&a), count(&b), count(&a), count(&b));
    assert_eq!(a.get(Counter::key(1)).await.unwrap().unwrap().hits, 400);
}

#[tokio::test]
async fn an_open_transaction_does_not_block_readers_of_a_file() {
    let folder = folder();
    let db = file(&folder).await;
    let tx = db.begin().await.unwrap();
    tx.select::<Counter>().update(|c| c.hits.set(9)).await.unwrap();
    let started = Instant::now();
    for _ in 0..20 {
        let (a, b, c) = tokio::join!(db.get(Counter::key(1)), db.get(Counter::key(1)), db.get(Counter::key(1)));
        for read in [a, b, c] {
            assert_eq!(read.unwrap().unwrap().hits, 0);
        }
    }
    assert!(started.elapsed() < Duration::from_secs(10));
    tx.commit().await.unwrap();
    assert_eq!(db.get(Counter::key(1)).await.unwrap().unwrap().hits, 9);
}

#[tokio::test]
async fn a_read_beside_an_open_transaction_in_memory_waits_so_long() {
    let db = prepared(Db::options().queue_timeout(Duration::from_millis(100))).await;
    let tx = db.begin().await.unwrap();
    let started = Instant::now();
    let error = db.get(Counter::key(1)).await.unwrap_err();
    assert!(matches!(&error, Error::QueueTimeout { table, .. } if table == "counters"), "{error:?}");
    assert!((Duration::from_millis(80)..Duration::from_secs(10)).contains(&started.elapsed()));
    tx.commit().await.unwrap();
    db.get(Counter::key(1)).await.unwrap();
}

#[tokio::test]
async fn a_write_beside_an_open_transaction_waits_so_long() {
    let folder = folder();
    let options = Db::options().path(folder.path().join("a.db"));
    let db = prepared(options.queue_timeout(Duration::from_millis(100))).await;
    let tx = db.begin().await.unwrap();
    assert!(matches!(db.insert(Counter::builder().hits(1)).await, Err(Error::QueueTimeout { .. })));
    assert!(matches!(db.begin().await, Err(Error::QueueTimeout { .. })));
    drop(tx);
    db.insert(Counter::builder().hits(1)).await.unwrap();
}

#[tokio::test]
async fn writers_queue_first_come_first_served() {
    let folder = folder();
    for db in [file(&folder).await, prepared(Db::options()).await] {
        let tx = db.begin().await.unwrap();
        let mut waiting = Vec::new();
        for number in 0..20 {
            let db = db.clone();
            waiting.push(tokio::spawn(async move {
                if number % 3 == 0 {
                    let tx = db.begin().await.unwrap();
                    tx.insert(Event::builder().task(0).number(number)).await.unwrap();
                    tx.commit().await.unwrap();
                } else {
                    db.insert(Event::builder().task(0).number(number)).await.unwrap();
                }
            }));
            // Lets the task take its place.
            tokio::task::yield_now().await;
        }
        tx.insert(Event::builder().task(0).number(-1)).await.unwrap();
        tx.commit().await.unwrap();
        for task in waiting {
            task.await.unwrap();
        }
        let order = db.select::<Event>().order(|e| e.pk.asc()).only(|e| e.number).fetch_all().await.unwrap();
        // On a busy machine a transaction may be passed over, if it does not take its turn at once.
        let (transactions, inserts): (Vec<_>, Vec<_>) = order.into_iter().partition(|number| number % 3 == 0);
        assert_eq!(inserts, (-1..20).filter(|number| number % 3 != 0).collect::<Vec<_>>());
        assert_eq!(transactions.len(), 7);
    }
}

#[tokio::test]
async fn a_dropped_waiter_leaves_the_queue_in_order() {
    let folder = folder();
    for db in [file(&folder).await, prepared(Db::options()).await] {
        let tx = db.begin().await.unwrap();
        let mut waiting = Vec::new();
        for number in 0..12 {
            let db = db.clone();
            waiting.push(tokio::spawn(async move {
                db.insert(Event::builder().task(1).number(number)).await.unwrap();
            }));
            tokio::task::yield_now().await;
        }
        for dropped in [0, 5, 11] {
            waiting[dropped].abort();
        }
        tokio::task::yield_now().await;
        tx.commit().await.unwrap();
        for task in waiting {
            if let Err(error) = task.await {
                assert!(error.is_cancelled());
            }
        }
        let order = db.select::<Event>().order(|e| e.pk.asc()).only(|e| e.number).fetch_all().await.unwrap();
        assert_eq!(order, [1, 2, 3, 4, 6, 7, 8, 9, 10]);
    }
}

#[tokio::test]
async fn a_writer_in_memory_is_not_starved_by_readers() {
    let db = prepared(Db::options().max_readers(2)).await;
    let reads = Arc::new(AtomicU64::new(0));
    let readers: Vec<_> = (0..8)
        .map(|_| {
            let (db, reads) = (db.clone(), Arc::clone(&reads));
            tokio::spawn(async move {
                loop {
                    db.get(Counter::key(1)).await.unwrap();
                    reads.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(20)).await;
    let write = async {
        for _ in 0..50 {
            db.select::<Counter>().update(|c| c.hits.add(1)).await.unwrap();
        }
    };
    tokio::time::timeout(Duration::from_secs(5), write).await.expect("the writer starves");
    assert!(reads.load(Ordering::Relaxed) > 0);
    readers.iter().for_each(tokio::task::JoinHandle::abort);
}

/// Other tests of this process open connections too, so this counts in a process of its own.
#[cfg(target_os = "linux")]
#[test]
fn there_are_no_more_connections_than_readers_and_one_writer() {
    const ROLE: &str = "SQLITER_COUNT_CONNECTIONS";
    const NAME: &str = "there_are_no_more_connections_than_readers_and_one_writer";
    if std::env::var_os(ROLE).is_none() {
        let child = process_of(module_path!(), NAME).env(ROLE, "child").output().unwrap();
        assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stderr));
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let folder = folder();
    runtime.block_on(async {
        for options in [Db::options(), Db::options().path(folder.path().join("a.db"))] {
            let db = prepared(options.max_readers(3)).await;
            let long = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) \
                        INSERT INTO events (task, number) SELECT 0, x FROM n LIMIT 100000000";
            for round in 0..300 {
                let limit = Duration::from_micros(round * 10);
                let clone = db.clone();
                let mixed = async {
                    tokio::join!(
                        db.get(Counter::key(1)),
                        db.select::<Event>().count(),
                        db.select::<Counter>().update(|c| c.hits.add(1)),
                        async {
                            let tx = clone.begin().await?;
                            tx.insert(Event::builder().task(1).number(1)).await?;
                            tx.select::<Event>().count().await
                        },
                        clone.execute(long),
                    )
                };
                let _ = tokio::time::timeout(limit, mixed).await;
            }
            load_after_cancellations(&db).await;
            assert!((1..=4).contains(&connections()), "{} connections", connections());
            db.close().await.unwrap();
            // The threads end after they have closed their connections.
            for _ in 0..500 {
                if connections() > 0 {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            }
            assert_eq!(connections(), 0);
        }
    });
}

#[cfg(target_os = "linux")]
async fn load_after_cancellations(db: &Db) {
    db.select::<Event>().delete().await.unwrap();
    db.select::<Counter>().update(|c| c.hits.set(0)).await.unwrap();
    load(db, 4, 40).await;
}

#[tokio::test]
async fn a_writer_through_the_pool_and_the_library_take_turns() {
    let folder = folder();
    let db = file(&folder).await;
    let pool = db.pool();
    let by_sqlx = async {
        for _ in 0..100 {
            let mut tx = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
            sqlx::query("UPDATE counters SET hits = hits + 1").execute(&mut *tx).await.unwrap();
            tx.commit().await.unwrap();
        }
    };
    let by_us = async {
        for _ in 0..100 {
            db.select::<Counter>().update(|c| c.hits.add(1)).await.unwrap();
        }
    };
    tokio::join!(by_sqlx, by_us);
    assert_eq!(db.get(Counter::key(1)).await.unwrap().unwrap().hits, 200);
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Text {
    pk: Key<Text>,
    content: String,
    changes: i64,
}

/// The time that a statement may take in place is over before it is committed, but nobody has stopped it. SQLite may be told
/// so in the commit, which then has been made, and reports that it was interrupted.
#[tokio::test]
async fn a_write_is_done_once_though_its_time_is_over() {
    let folder = folder();
    let db = file(&folder).await;
    db.create_table::<Text>().await.unwrap();
    for short in 2..40 {
        db.select::<Text>().delete().await.unwrap();
        // Looking at the last one takes its time, but few steps of SQLite.
        let contents = (0..short).map(|_| "short".to_owned()).chain([format!("{}c", "ab".repeat(1000))]);
        let texts = db.bulk_insert(contents.map(|content| Text::builder().content(content).changes(0))).await.unwrap();
        let last = texts.last().unwrap().pk;
        for round in 1..=70_u32 {
            // Another text each time: one that took too long is not tried in place again.
            let found = db.select::<Text>().filter(|t| t.content.regex("^(a|b)*c$")).limit(100 + u64::from(round));
            assert_eq!(found.update(|t| t.changes.add(1)).await.unwrap(), 1);
            assert_eq!(db.get(last).await.unwrap().unwrap().changes, i64::from(round), "{short}");
        }
    }
}
