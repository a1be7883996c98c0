//! No future of the library keeps the thread that polls it: not for a large value, not for a lock, not for a long statement.

use std::pin::pin;
use std::time::{Duration, Instant};

use sqliter::prelude::*;
use sqliter::{CacheOptions, sqlx};

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

/// How long this thread was ready to run and did not get a processor, where the system tells.
fn delay() -> Duration {
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    Duration::from_nanos(told.split(' ').nth(1).and_then(|nanoseconds| nanoseconds.parse().ok()).unwrap_or_default())
}

/// Drives a future to its end; gives with its value how long the longest poll took.
pub async fn longest_poll<T>(work: impl IntoFuture<Output = T>) -> (T, Duration) {
    let mut work = pin!(work.into_future());
    let mut longest = Duration::ZERO;
    let value = std::future::poll_fn(|cx| {
        let (started, delayed) = (Instant::now(), delay());
        let polled = work.as_mut().poll(cx);
        longest = longest.max(started.elapsed().saturating_sub(delay() - delayed));
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

#[derive(Debug, Clone, PartialEq, Model)]
struct Parent {
    pk: Key<Parent>,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Child {
    pk: Key<Child>,
    #[model(on_delete = cascade)]
    parent_id: Key<Parent>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Entry {
    pk: Key<Entry>,
    number: i64,
}

const MANY: i64 = 300_000;

async fn parent(db: &Db) -> Parent {
    let parent = db.insert(Parent::builder().name("p")).await.unwrap();
    let fill = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT ?2) \
                INSERT INTO children (parent_id) SELECT ?1 FROM n";
    db.execute(fill).bind(parent.pk).bind(MANY).await.unwrap();
    parent
}

/// One row may drag many others along: by a foreign key that cascades, and by a trigger.
#[test]
fn what_one_row_drags_along_runs_on_another_thread() {
    for runtime in [load::one_thread(), load::many_threads()] {
        let folder = load::folder();
        runtime.block_on(async {
            for db in databases(&folder).await {
                db.create_tables::<(Parent, Child, Entry)>().await.unwrap();
                // What is known of the schema is known before.
                db.insert(Entry::builder().number(0)).await.unwrap();
                let mut shortest = [Duration::MAX; 3];
                for _ in 0..3 {
                    let (done, longest) = longest_poll(db.delete(&parent(&db).await)).await;
                    done.unwrap();
                    shortest[0] = shortest[0].min(longest);
                    let doomed = parent(&db).await;
                    let tx = db.begin().await.unwrap();
                    let (done, longest) = longest_poll(tx.delete(&doomed)).await;
                    done.unwrap();
                    shortest[1] = shortest[1].min(longest);
                    tx.commit().await.unwrap();
                }
                assert_eq!(db.select::<Child>().count().await.unwrap(), 0);
                parent(&db).await;
                let trigger =
                    "CREATE TRIGGER t AFTER INSERT ON entries BEGIN UPDATE children SET parent_id = parent_id; END";
                db.execute(trigger).await.unwrap();
                assert_short!("an insert with a trigger", db.insert(Entry::builder().number(1)));
                for _ in 0..3 {
                    let tx = db.begin().await.unwrap();
                    let (done, longest) = longest_poll(tx.insert(Entry::builder().number(2))).await;
                    done.unwrap();
                    shortest[2] = shortest[2].min(longest);
                    tx.commit().await.unwrap();
                }
                assert!(shortest.iter().all(|shortest| *shortest < SHORT), "{shortest:?}");
                assert_eq!(db.select::<Entry>().count().await.unwrap(), 8);
            }
        });
    }
}

/// SQLite counts the rows of a table, and empties it, in one step, in which it looks at no limit.
#[test]
fn what_sqlite_does_in_one_step_runs_on_another_thread() {
    for runtime in [load::one_thread(), load::many_threads()] {
        let folder = load::folder();
        runtime.block_on(async {
            for db in databases(&folder).await {
                let fill = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 20000) \
                            INSERT INTO docs (body, title) SELECT zeroblob(2000), 'a document' FROM n";
                const STRICT: Duration = Duration::from_millis(2);
                let mut shortest = [Duration::MAX; 3];
                for _ in 0..4 {
                    db.execute(fill).await.unwrap();
                    let (count, longest) = longest_poll(db.select::<Doc>().count()).await;
                    assert_eq!(count.unwrap(), 20_000);
                    shortest[0] = shortest[0].min(longest);
                    let raw = db.query::<i64>("SELECT count(*) FROM docs");
                    let (count, longest) = longest_poll(raw.fetch_required()).await;
                    assert_eq!(count.unwrap(), 20_000);
                    shortest[1] = shortest[1].min(longest);
                    let (deleted, longest) = longest_poll(db.select::<Doc>().delete()).await;
                    assert_eq!(deleted.unwrap(), 20_000);
                    shortest[2] = shortest[2].min(longest);
                }
                assert!(shortest.iter().all(|shortest| *shortest < STRICT), "{shortest:?}");
            }
        });
    }
}

/// Undoing what a transaction inside another one has done takes its time.
#[test]
fn a_large_inner_transaction_is_undone_on_another_thread() {
    for runtime in [load::one_thread(), load::many_threads()] {
        let folder = load::folder();
        runtime.block_on(async {
            for db in databases(&folder).await {
                let small = db.insert(doc(10, 0)).await.unwrap().pk;
                let fill = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 400000) \
                            INSERT INTO docs (body, title) SELECT x'01', 'a document' FROM n";
                let tx = db.begin().await.unwrap();
                let mut shortest = [Duration::MAX; 2];
                for _ in 0..3 {
                    let inner = tx.begin().await.unwrap();
                    inner.execute(fill).await.unwrap();
                    let (undone, longest) = longest_poll(inner.rollback()).await;
                    undone.unwrap();
                    shortest[0] = shortest[0].min(longest);
                    let inner = tx.begin().await.unwrap();
                    inner.execute(fill).await.unwrap();
                    drop(inner);
                    let (found, longest) = longest_poll(tx.get(small)).await;
                    assert!(found.unwrap().is_some());
                    shortest[1] = shortest[1].min(longest);
                }
                assert!(shortest.iter().all(|shortest| *shortest < SHORT), "{shortest:?}");
                tx.commit().await.unwrap();
                assert_eq!(db.select::<Doc>().count().await.unwrap(), 1);
            }
        });
    }
}

/// Few rows may be large together, and a regular expression may be large once it is compiled.
#[test]
fn large_bulks_and_large_patterns_run_on_another_thread() {
    for runtime in [load::one_thread(), load::many_threads()] {
        let folder = load::folder();
        runtime.block_on(async {
            for db in databases(&folder).await {
                db.insert(doc(10, 0)).await.unwrap();
                let rows = || (0..64).map(|_| doc(60_000, 0));
                const STRICT: Duration = Duration::from_millis(3);
                let mut shortest = [Duration::MAX; 3];
                for _ in 0..5 {
                    let (inserted, longest) = longest_poll(db.bulk_insert(rows())).await;
                    assert_eq!(inserted.unwrap().len(), 64);
                    shortest[0] = shortest[0].min(longest);
                    let tx = db.begin().await.unwrap();
                    let (inserted, longest) = longest_poll(tx.bulk_insert(rows())).await;
                    assert_eq!(inserted.unwrap().len(), 64);
                    shortest[1] = shortest[1].min(longest);
                    tx.commit().await.unwrap();
                }
                for round in 0..3 {
                    let pattern = format!(r"(\w{{40}}){{2{round}}}");
                    let matching = db.select::<Doc>().filter(|d| d.title.regex(pattern)).limit(1);
                    let (found, longest) = longest_poll(matching.fetch_all()).await;
                    shortest[2] = shortest[2].min(longest);
                    let error = found.unwrap_err();
                    assert!(error.to_string().contains("size limit"), "{error}");
                }
                assert!(shortest[..2].iter().all(|shortest| *shortest < STRICT), "{shortest:?}");
                assert!(shortest[2] < SHORT, "{shortest:?}");
                assert_eq!(db.select::<Doc>().count().await.unwrap(), 1 + 10 * 64);
            }
        });
    }
}

/// A statement that writes alone may be stopped when it has been committed already. It is done once all the same.
#[test]
fn a_lone_write_is_done_once_whenever_its_budget_ends() {
    let folder = load::folder();
    load::many_threads().block_on(async {
        for db in databases(&folder).await {
            db.create_table::<Entry>().await.unwrap();
            db.bulk_insert((0..600).map(|_| NewEntry { number: 0 })).await.unwrap();
            // From few rows, done within the budget, to more than it is enough for.
            let mut expected = 0;
            for turn in 0..1_500_i64 {
                let most = turn % 600 + 1;
                let rows = db.select::<Entry>().filter(|e| e.pk.le(Entry::key(most)));
                assert_eq!(rows.update(|e| e.number.add(1)).await.unwrap(), most as u64);
                expected += most;
            }
            let sum = db.query::<i64>("SELECT sum(number) FROM entries").fetch_required().await.unwrap();
            assert_eq!(sum, expected);
        }
    });
}

/// The last connection that is closed moves the log into the file.
#[test]
fn closing_with_a_long_log_keeps_no_thread() {
    for runtime in [load::one_thread(), load::many_threads()] {
        let folder = load::folder();
        runtime.block_on(async {
            let options = Db::options().path(folder.path().join("a.db")).on_connect("PRAGMA wal_autocheckpoint = 0");
            let db = options.open().await.unwrap();
            db.create_table::<Doc>().await.unwrap();
            for _ in 0..8 {
                db.insert(doc(LARGE * 3 / 2, 0)).await.unwrap();
                db.select::<Doc>().delete().await.unwrap();
                let (closed, longest) = longest_poll(db.close()).await;
                closed.unwrap();
                println!("closing with a long log: {longest:?}");
                assert!(longest < Duration::from_millis(25), "the thread was kept for {longest:?}");
                assert!(!folder.path().join("a.db-wal").exists());
            }
        });
    }
}

/// As `assert_short`, for what takes some milliseconds.
macro_rules! assert_brief {
    ($what:expr, $work:expr) => {
        let mut shortest = Duration::MAX;
        for _ in 0..4 {
            let (done, longest) = longest_poll($work).await;
            done.unwrap();
            shortest = shortest.min(longest);
        }
        println!("{}: {shortest:?}", $what);
        assert!(shortest < Duration::from_millis(3), "{}: the thread was kept for {shortest:?}", $what);
    };
}

/// What is kept has to be decoded for every use.
#[test]
fn large_results_come_from_the_cache_on_another_thread() {
    for runtime in [load::one_thread(), load::many_threads()] {
        let folder = load::folder();
        runtime.block_on(async {
            let cache = CacheOptions::default().max_bytes(1 << 30);
            let options = [Db::options().path(folder.path().join("a.db")), Db::options()];
            for options in options {
                let db = options.cache(cache.clone()).open().await.unwrap();
                db.create_tables::<(Doc, Entry)>().await.unwrap();
                let fill = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 200000) \
                            INSERT INTO entries (number) SELECT x FROM n";
                db.execute(fill).await.unwrap();
                let large = db.insert(doc(LARGE, 0)).await.unwrap();
                // None of what is measured reads the database.
                assert_eq!(db.select::<Entry>().fetch_all().await.unwrap().len(), 200_000);
                db.get(large.pk).await.unwrap();
                assert_brief!("many rows", db.select::<Entry>().fetch_all());
                assert_brief!("a large row", db.get(large.pk));
                assert_eq!(db.cache_stats().hits, 8);
                assert_eq!(db.select::<Entry>().fetch_all().await.unwrap().len(), 200_000);
                assert_eq!(db.get(large.pk).await.unwrap(), Some(large));
                // What is stale is not dropped on the way either.
                assert_brief!("many stale rows", async {
                    db.insert(Entry::builder().number(0)).await?;
                    db.select::<Entry>().fetch_all().await
                });
            }
        });
    }
}
