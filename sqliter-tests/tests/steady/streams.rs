//! Streams whose consumer is slow, gone, or elsewhere keep nobody else waiting.

use std::time::{Duration, Instant};

use sqliter::prelude::*;
use sqliter::{Error, RowStream};

use crate::load;

#[derive(Debug, Clone, PartialEq, Model)]
struct Item {
    pk: Key<Item>,
    number: i64,
}

const ROWS: i64 = 3000;

async fn filled(options: sqliter::DbOptions) -> Db {
    let db = options.open().await.unwrap();
    db.create_table::<Item>().await.unwrap();
    db.bulk_insert((0..ROWS).map(|number| Item::builder().number(number))).await.unwrap();
    db
}

/// How many rows come, and how it ends.
async fn rest(mut stream: RowStream<Item>) -> (i64, Option<Error>) {
    let mut rows = 0;
    loop {
        match stream.next().await {
            Some(Ok(_)) => rows += 1,
            Some(Err(error)) => return (rows, Some(error)),
            None => return (rows, None),
        }
    }
}

#[test]
fn a_stream_outlives_the_handle_and_the_function_that_made_it() {
    fn of(db: &Db) -> RowStream<Item> {
        db.select::<Item>().filter(|i| i.number.ge(0)).fetch_stream()
    }
    for runtime in [load::one_thread(), load::many_threads()] {
        let folder = load::folder();
        runtime.block_on(async {
            for options in [Db::options(), Db::options().path(folder.path().join("a.db"))] {
                let db = filled(options).await;
                let stream = of(&db);
                drop(db);
                let (rows, failed) = tokio::spawn(rest(stream)).await.unwrap();
                assert_eq!((rows, failed.map(|error| error.to_string())), (ROWS, None));
            }
        });
    }
}

#[test]
fn streams_that_are_not_read_leave_the_readers_to_others() {
    for runtime in [load::one_thread(), load::many_threads()] {
        let folder = load::folder();
        runtime.block_on(async {
            for options in [Db::options(), Db::options().path(folder.path().join("a.db"))] {
                let db = filled(options.max_readers(1).queue_timeout(Duration::from_secs(20))).await;
                let mut streams: Vec<_> = (0..8).map(|_| db.select::<Item>().fetch_stream()).collect();
                for stream in &mut streams {
                    stream.next().await.unwrap().unwrap();
                }
                let started = Instant::now();
                for number in 0..20 {
                    db.insert(Item::builder().number(-number)).await.unwrap();
                    db.get(Item::key(1)).await.unwrap().unwrap();
                    db.select::<Item>().filter(|i| i.number.lt(0)).fetch_all().await.unwrap();
                }
                assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
                for stream in streams {
                    assert_eq!(rest(stream).await.0, ROWS - 1);
                }
            }
        });
    }
}

#[test]
fn a_stream_that_nobody_reads_lets_go_of_its_connection_and_says_so() {
    const LIMIT: Duration = Duration::from_millis(100);
    for runtime in [load::one_thread(), load::many_threads()] {
        let folder = load::folder();
        runtime.block_on(async {
            let path = folder.path().join("a.db");
            let db = filled(Db::options().path(&path).stream_timeout(LIMIT)).await;
            let mut stream = db.select::<Item>().fetch_stream();
            stream.next().await.unwrap().unwrap();
            // As long as it is open, the log cannot be emptied.
            let other = rusqlite::Connection::open(&path).unwrap();
            other.busy_timeout(Duration::from_secs(10)).unwrap();
            db.insert(Item::builder().number(-1)).await.unwrap();
            let truncated = "PRAGMA wal_checkpoint(TRUNCATE)";
            assert_eq!(other.query_row(truncated, [], |row| row.get::<_, i64>(0)).unwrap(), 0);
            let (rows, failed) = rest(stream).await;
            assert!(rows < ROWS, "{rows}");
            let error = failed.unwrap();
            assert!(matches!(&error, Error::StreamTimeout { table, limit, waited_for: false } if table == "items" && *limit == LIMIT));
            assert_eq!(error.to_string(), "the stream of items has ended, as no row was taken for 100ms");
            // One that is read slowly, but is read, goes on.
            let mut slow = db.select::<Item>().fetch_stream();
            let mut rows = 0;
            while let Some(row) = slow.next().await {
                row.unwrap();
                rows += 1;
                if rows % 500 == 0 {
                    tokio::time::sleep(LIMIT / 4).await;
                }
            }
            assert_eq!(rows, ROWS + 1);
            // So does one that the statements of its own transaction wait for.
            let tx = db.begin().await.unwrap();
            let mut inside = tx.select::<Item>().fetch_stream();
            inside.next().await.unwrap().unwrap();
            tx.insert(Item::builder().number(-2)).await.unwrap();
            assert!(matches!(rest(inside).await.1, Some(Error::StreamTimeout { waited_for: true, .. })));
            tx.commit().await.unwrap();
        });
    }
}

/// More streams than run at a time, of which each has been begun, and nobody takes their rows.
async fn stalled(db: &Db, number: usize) -> Vec<RowStream<Item>> {
    let mut streams: Vec<_> = (0..number).map(|_| db.select::<Item>().fetch_stream()).collect();
    for stream in &mut streams {
        let _ = tokio::time::timeout(Duration::from_millis(1), stream.next()).await;
    }
    streams
}

const MANY: usize = 64;

#[test]
fn many_streams_that_nobody_reads_slow_no_get() {
    for runtime in [load::one_thread(), load::many_threads()] {
        let folder = load::folder();
        runtime.block_on(async {
            let db = filled(Db::options().path(folder.path().join("a.db")).max_readers(1)).await;
            let gets = async || {
                let mut times = load::Times::default();
                for number in 1..=2_000 {
                    times.of(db.get(Item::key(number))).await.unwrap().unwrap();
                }
                times.all_but_one_in(2)
            };
            // The machine may have something else to do in some turns.
            let mut turns = Vec::new();
            for _ in 0..10 {
                let alone = gets().await;
                let streams = stalled(&db, MANY).await;
                let beside = gets().await;
                // A batch of each of those that run waits for somebody, and they go on where they stopped.
                let sixteen = streams.into_iter().take(16).map(rest).map(tokio::spawn).collect::<Vec<_>>();
                for stream in sixteen {
                    let (rows, failed) = stream.await.unwrap();
                    assert!(rows >= ROWS - 1 && failed.is_none(), "{rows} {failed:?}");
                }
                turns.push((alone, beside));
                if beside < alone * 3 / 2 {
                    return;
                }
            }
            panic!("half of the gets, alone and beside {MANY} streams: {turns:?}");
        });
    }
}

#[test]
fn the_log_starts_over_when_streams_that_nobody_reads_have_ended() {
    const LIMIT: Duration = Duration::from_millis(100);
    let length = |folder: &tempfile::TempDir| std::fs::metadata(folder.path().join("a.db-wal")).unwrap().len();
    for runtime in [load::one_thread(), load::many_threads()] {
        let folder = load::folder();
        runtime.block_on(async {
            let options = Db::options().path(folder.path().join("a.db")).queue_timeout(Duration::from_secs(30));
            let db = filled(options.stream_timeout(LIMIT)).await;
            let streams = stalled(&db, MANY).await;
            // Each of them writes all pages of the table, which stay as many: the numbers take as much room.
            let write = async |times: usize| {
                for number in [2, 3].into_iter().cycle().take(times) {
                    let all = db.select::<Item>().filter(|i| i.pk.gt(Item::key(0)));
                    all.update(|i| i.number.set(number)).await.unwrap();
                }
            };
            // Those that wait begin when others have ended, and nobody reads them either. Meanwhile the log grows.
            let (begun, mut before) = (Instant::now(), 0);
            loop {
                write(20).await;
                let now = length(&folder);
                if now == before {
                    break;
                }
                assert!(begun.elapsed() < Duration::from_secs(30), "the log grows on: {before} {now}");
                before = now;
            }
            let (rows, failed) = rest(db.select::<Item>().fetch_stream()).await;
            assert_eq!((rows, failed.map(|error| error.to_string())), (ROWS, None));
            write(100).await;
            assert_eq!(length(&folder), before);
            drop(streams);
        });
    }
}

#[test]
fn a_stream_that_is_leaked_lets_go_too() {
    let runtime = load::one_thread();
    let folder = load::folder();
    runtime.block_on(async {
        let options = Db::options().path(folder.path().join("a.db"));
        let db = filled(options.stream_timeout(Duration::from_millis(50)).queue_timeout(Duration::from_secs(20))).await;
        for _ in 0..40 {
            let mut stream = db.select::<Item>().fetch_stream();
            stream.next().await.unwrap().unwrap();
            std::mem::forget(stream);
        }
        let (rows, failed) = rest(db.select::<Item>().fetch_stream()).await;
        assert_eq!((rows, failed.map(|error| error.to_string())), (ROWS, None));
    });
}

/// A loop over a stream of a transaction that writes in the same transaction would wait for itself.
#[test]
fn a_stream_that_a_statement_of_its_own_transaction_waits_for_ends_soon_and_says_so() {
    for runtime in [load::one_thread(), load::many_threads()] {
        let folder = load::folder();
        runtime.block_on(async {
            for options in [Db::options(), Db::options().path(folder.path().join("a.db"))] {
                let db = filled(options).await;
                let tx = db.begin().await.unwrap();
                let mut stream = tx.select::<Item>().fetch_stream();
                stream.next().await.unwrap().unwrap();
                let started = Instant::now();
                tx.insert(Item::builder().number(-1)).await.unwrap();
                assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
                let (rows, failed) = rest(stream).await;
                assert!(rows < ROWS, "{rows}");
                let error = failed.unwrap();
                assert!(matches!(&error, Error::StreamTimeout { waited_for: true, .. }), "{error:?}");
                let text = "as no row was taken for 1s while a statement of its own transaction waited for it";
                assert!(error.to_string().contains(text), "{error}");
                // One that another task takes rows of goes on, and the statement waits for its end.
                let slow = async {
                    let mut stream = tx.select::<Item>().fetch_stream();
                    let mut rows = 0;
                    while let Some(row) = stream.next().await {
                        row.unwrap();
                        rows += 1;
                        if rows % 300 == 0 {
                            tokio::time::sleep(Duration::from_millis(150)).await;
                        }
                    }
                    rows
                };
                let write = async {
                    tokio::time::sleep(Duration::from_millis(50)).await;
                    tx.insert(Item::builder().number(-2)).await.unwrap();
                };
                let (rows, ()) = tokio::join!(slow, write);
                assert_eq!(rows, ROWS + 1);
                tx.commit().await.unwrap();
            }
        });
    }
}

/// It may be the body of a response, which nobody reads to its end.
#[test]
fn a_stream_of_a_transaction_that_is_over_lets_go_and_says_so() {
    // How it ends tells that it has not waited for its limit.
    const SOON: Duration = Duration::from_secs(20);
    for runtime in [load::one_thread(), load::many_threads()] {
        let folder = load::folder();
        runtime.block_on(async {
            for options in [Db::options(), Db::options().path(folder.path().join("a.db"))] {
                let db = filled(options.max_readers(1)).await;
                let is_over = |(rows, failed): (i64, Option<Error>)| {
                    assert!(rows < ROWS, "{rows}");
                    assert!(matches!(failed, Some(Error::TransactionEnded)), "{failed:?}");
                };
                let tx = db.begin().await.unwrap();
                let mut stream = tx.select::<Item>().fetch_stream();
                stream.next().await.unwrap().unwrap();
                let started = Instant::now();
                drop(tx);
                db.insert(Item::builder().number(-1)).await.unwrap();
                assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
                is_over(rest(stream).await);
                // A snapshot, which has the only reader, or the only connection.
                let snapshot = db.begin_read().await.unwrap();
                let mut stream = snapshot.select::<Item>().fetch_stream();
                stream.next().await.unwrap().unwrap();
                let started = Instant::now();
                drop(snapshot);
                db.select::<Item>().filter(|i| i.number.eq(-1)).fetch_required().await.unwrap();
                assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
                is_over(rest(stream).await);
                // A transaction inside another one.
                let tx = db.begin().await.unwrap();
                let inner = tx.begin().await.unwrap();
                let mut stream = inner.select::<Item>().fetch_stream();
                stream.next().await.unwrap().unwrap();
                let started = Instant::now();
                drop(inner);
                tx.insert(Item::builder().number(-2)).await.unwrap();
                assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
                is_over(rest(stream).await);
                tx.commit().await.unwrap();
                assert_eq!(db.select::<Item>().count().await.unwrap(), ROWS as u64 + 2);
            }
        });
    }
}
