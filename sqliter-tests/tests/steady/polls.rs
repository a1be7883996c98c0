//! No future of the library keeps the thread that polls it: not for a large value, not for a lock, not for a long statement.

use std::pin::pin;
use std::time::{Duration, Instant};

use sqliter::prelude::*;
use sqliter::sqlx;

use crate::load;

#[derive(Debug, Clone, PartialEq, Model)]
struct Doc {
    pk: Key<Doc>,
    body: Vec<u8>,
    more: Option<String>,
    title: String,
}

const LARGE: usize = 64 << 20;

/// Far less than the work takes, and more than a busy machine takes a thread away.
const SHORT: Duration = Duration::from_millis(15);

/// Drives a future to its end; gives with its value how long the longest poll took.
async fn longest_poll<T>(work: impl IntoFuture<Output = T>) -> (T, Duration) {
    let mut work = pin!(work.into_future());
    let mut longest = Duration::ZERO;
    let value = std::future::poll_fn(|cx| {
        let started = Instant::now();
        let polled = work.as_mut().poll(cx);
        longest = longest.max(started.elapsed());
        polled
    })
    .await;
    (value, longest)
}

/// The shortest of several turns: in the others, the machine may have had something else to do.
macro_rules! assert_short {
    ($what:expr, $work:expr) => {
        let mut shortest = Duration::MAX;
        for _ in 0..4 {
            let (done, longest) = longest_poll($work).await;
            done.unwrap();
            shortest = shortest.min(longest);
        }
        assert!(shortest < SHORT, "{}: the thread was kept for {shortest:?}", $what);
    };
}

fn doc(body: usize, more: usize) -> NewDoc {
    NewDoc { body: vec![1; body], more: (more > 0).then(|| "x".repeat(more)), title: "a document".to_owned() }
}

async fn databases(folder: &tempfile::TempDir) -> [Db; 2] {
    let databases = [
        Db::options().path(folder.path().join("a.db")).max_readers(1).open().await.unwrap(),
        Db::options().open().await.unwrap(),
    ];
    for db in &databases {
        db.create_table::<Doc>().await.unwrap();
    }
    databases
}

#[test]
fn large_values_are_read_and_written_on_other_threads() {
    for runtime in [load::one_thread(), load::many_threads()] {
        let folder = load::folder();
        runtime.block_on(async {
            for db in databases(&folder).await {
                let what = if db.is_memory() { "in memory" } else { "a file" };
                let small = db.insert(doc(10, 0)).await.unwrap().pk;
                // Two large values in one row, of which each is beyond the limit, and many rows that are not.
                let large = db.insert(doc(LARGE, 0)).await.unwrap().pk;
                db.bulk_insert((0..64).map(|_| doc(60_000, 60_000))).await.unwrap();
                for _ in 0..30 {
                    // All of them are known to be short.
                    db.get(small).await.unwrap();
                    db.select::<Doc>().filter(|d| d.pk.eq(small)).fetch_one().await.unwrap();
                }
                assert_short!(format!("{what}, a get"), db.get(large));
                assert_short!(format!("{what}, a filter"), db.select::<Doc>().filter(|d| d.pk.eq(large)).fetch_one());
                assert_short!(
                    format!("{what}, many rows"),
                    db.select::<Doc>().filter(|d| d.more.is_not_null()).fetch_all()
                );
                assert_short!(format!("{what}, an insert"), db.insert(doc(LARGE / 4, 0)));
                let tx = db.begin().await.unwrap();
                assert_short!(format!("{what}, a get in a transaction"), tx.get(large));
                assert_short!(format!("{what}, an insert in a transaction"), tx.insert(doc(LARGE / 4, 0)));
                drop(tx);
                assert_eq!(db.get(large).await.unwrap().unwrap().body.len(), LARGE);
            }
        });
    }
}

/// A transaction of the pool locks a database in memory, and the writer of a file.
#[test]
fn locks_are_waited_for_on_other_threads() {
    for runtime in [load::one_thread(), load::many_threads()] {
        let folder = load::folder();
        runtime.block_on(async {
            for db in databases(&folder).await {
                let key = db.insert(doc(10, 0)).await.unwrap().pk;
                db.get(key).await.unwrap();
                let pool = db.pool();
                for _ in 0..3 {
                    let mut held = pool.begin().await.unwrap();
                    sqlx::query("UPDATE docs SET title = 'x'").execute(&mut *held).await.unwrap();
                    let beside = async {
                        let (row, read) = longest_poll(db.get(key)).await;
                        let (inserted, written) = longest_poll(db.insert(doc(1, 0))).await;
                        let (begun, at_begin) = longest_poll(db.begin()).await;
                        row.unwrap();
                        inserted.unwrap();
                        begun.unwrap().rollback().await.unwrap();
                        read.max(written).max(at_begin)
                    };
                    let release = async {
                        tokio::time::sleep(Duration::from_millis(150)).await;
                        held.commit().await.unwrap();
                    };
                    let (longest, ()) = tokio::join!(beside, release);
                    assert!(longest < Duration::from_millis(100), "the thread was kept for {longest:?}");
                }
            }
        });
    }
}

/// What is read for the first time, by a statement that nobody knows, is stopped and runs anew on another thread.
#[test]
fn long_statements_run_on_other_threads_from_the_first_time_on() {
    for runtime in [load::one_thread(), load::many_threads()] {
        let folder = load::folder();
        runtime.block_on(async {
            for db in databases(&folder).await {
                let fill = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 400000) \
                            INSERT INTO docs (body, title) SELECT x'01', 'a document ' || x FROM n";
                db.execute(fill).await.unwrap();
                let mut shortest = Duration::MAX;
                for round in 0..4 {
                    let unknown = db.select::<Doc>().filter(|d| d.title.contains("nothing")).limit(5 + round);
                    let (rows, longest) = longest_poll(unknown.fetch_all()).await;
                    assert!(rows.unwrap().is_empty());
                    shortest = shortest.min(longest);
                }
                assert!(shortest < SHORT, "the thread was kept for {shortest:?}");
                assert_short!(
                    "an update",
                    db.select::<Doc>().filter(|d| d.title.contains("nothing")).update(|d| d.title.set(""))
                );
                let tx = db.begin().await.unwrap();
                assert_short!(
                    "an update inside",
                    tx.select::<Doc>().filter(|d| d.title.contains("no")).update(|d| d.title.set(""))
                );
                tx.bulk_insert((0..40_000).map(|_| doc(10, 0))).await.unwrap();
                let (committed, longest) = longest_poll(tx.commit()).await;
                committed.unwrap();
                println!("the commit of many rows: {longest:?}");
                let tx = db.begin().await.unwrap();
                tx.bulk_insert((0..40_000).map(|_| doc(10, 0))).await.unwrap();
                let started = Instant::now();
                drop(tx);
                assert!(started.elapsed() < SHORT * 4, "the rollback kept the thread for {:?}", started.elapsed());
                assert_eq!(db.select::<Doc>().count().await.unwrap(), 440_000);
            }
        });
    }
}
