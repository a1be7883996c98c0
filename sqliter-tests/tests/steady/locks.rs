//! Work that waits for a lock of another program can be given up at any time, like all other work.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::load;
use sqliter::Error;
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
struct Item {
    pk: Key<Item>,
    number: i64,
}

/// Far longer than the tests take.
const PATIENCE: Duration = Duration::from_secs(20);

const SOON: Duration = Duration::from_secs(2);

async fn open(path: &Path) -> Db {
    let db = Db::options().path(path).busy_timeout(PATIENCE).max_readers(1).open().await.unwrap();
    db.create_table::<Item>().await.unwrap();
    db
}

fn item(number: i64) -> NewItem {
    NewItem { number }
}

/// Another program that holds the lock.
fn lock(path: &Path) -> rusqlite::Connection {
    let other = rusqlite::Connection::open(path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE; INSERT INTO items (number) VALUES (0)").unwrap();
    other
}

/// A statement on the writer's connection that needs no lock: it waits only for the connection.
async fn assert_connection_is_free(db: &Db) {
    let free = tokio::time::timeout(SOON, db.execute("PRAGMA shrink_memory")).await;
    free.expect("the connection is still waiting").unwrap();
}

/// Every kind of write, dropped while it waits.
async fn give_up(path: &Path) {
    const LIMIT: Duration = Duration::from_millis(30);
    let db = open(path).await;
    let mut row = db.insert(item(1)).await.unwrap();
    let started = Instant::now();
    for round in 0..3 {
        let other = lock(path);
        macro_rules! give_up {
            ($work:expr) => {
                assert!(tokio::time::timeout(LIMIT, $work).await.is_err());
                assert_connection_is_free(&db).await;
            };
        }
        give_up!(db.begin());
        give_up!(db.insert(item(2)));
        give_up!(db.bulk_insert([item(3), item(4)]));
        give_up!(db.update(&mut row));
        give_up!(db.delete(row.pk));
        give_up!(db.select::<Item>().update(|i| i.number.add(1)));
        give_up!(db.execute("DELETE FROM items"));
        give_up!(db.transaction(async |tx| tx.insert(item(5)).await));
        other.execute_batch("COMMIT").unwrap();
        db.insert(item(10 + round)).await.unwrap();
    }
    assert!(started.elapsed() < PATIENCE, "{:?}", started.elapsed());
    let numbers = db.select::<Item>().order(|i| i.pk.asc()).only(|i| i.number).fetch_all().await.unwrap();
    assert_eq!(numbers, [1, 0, 10, 0, 11, 0, 12]);
    db.close().await.unwrap();
    load::assert_sound(path);
}

#[test]
fn a_write_that_waits_for_another_program_is_given_up_at_once() {
    for runtime in [load::one_thread(), load::many_threads()] {
        let folder = load::folder();
        runtime.block_on(give_up(&folder.path().join("a.db")));
    }
}

/// A transaction of the pool and one of the library in one task: one waits for the other.
async fn one_task(path: &Path) {
    let db = open(path).await;
    let pool = db.pool();
    let by_sqlx = async {
        for _ in 0..20 {
            let mut tx = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
            sqliter::sqlx::query("INSERT INTO items (number) VALUES (1)").execute(&mut *tx).await.unwrap();
            tokio::time::sleep(Duration::from_millis(5)).await;
            tx.commit().await.unwrap();
        }
    };
    let by_us = async {
        for _ in 0..20 {
            db.transaction(async |tx| tx.bulk_insert([item(2), item(3)]).await).await.unwrap();
            tokio::time::sleep(Duration::from_millis(3)).await;
        }
    };
    let both = async { tokio::join!(by_sqlx, by_us) };
    tokio::time::timeout(PATIENCE / 2, both).await.expect("each waits for the other");
    assert_eq!(db.select::<Item>().count().await.unwrap(), 60);
    db.close().await.unwrap();
}

#[test]
fn transactions_of_the_pool_and_of_the_library_in_one_task_take_turns() {
    for runtime in [load::one_thread(), load::many_threads()] {
        let folder = load::folder();
        runtime.block_on(one_task(&folder.path().join("a.db")));
    }
}

#[test]
fn the_time_limit_is_kept_by_the_clock() {
    const LIMIT: Duration = Duration::from_millis(300);
    for runtime in [load::one_thread(), load::many_threads()] {
        let folder = load::folder();
        let path = folder.path().join("a.db");
        runtime.block_on(async {
            let db = Db::options().path(&path).busy_timeout(LIMIT).open().await.unwrap();
            db.create_table::<Item>().await.unwrap();
            let other = lock(&path);
            for _ in 0..3 {
                let started = Instant::now();
                assert!(matches!(db.insert(item(1)).await, Err(Error::Busy { .. })));
                let waited = started.elapsed();
                assert!((LIMIT..LIMIT + SOON).contains(&waited), "{waited:?}");
            }
            drop(other);
            db.insert(item(1)).await.unwrap();
        });
    }
}

/// Each has waited for the lock, be it in the queue or with the connection.
#[test]
fn all_who_wait_behind_a_lock_wait_for_it_at_the_same_time() {
    const LIMIT: Duration = Duration::from_millis(400);
    const WRITERS: i64 = 12;
    for runtime in [load::one_thread(), load::many_threads()] {
        let folder = load::folder();
        let path = folder.path().join("a.db");
        runtime.block_on(async {
            let db = Db::options().path(&path).busy_timeout(LIMIT).open().await.unwrap();
            db.create_table::<Item>().await.unwrap();
            let other = lock(&path);
            let write = |number: i64| {
                let db = db.clone();
                async move {
                    // Some of them later than the others.
                    let late = if number % 2 == 0 { Duration::ZERO } else { LIMIT / 2 };
                    tokio::time::sleep(late).await;
                    let started = Instant::now();
                    let done = match number % 5 {
                        0 => db.insert(item(number)).await.map(drop),
                        1 => db.begin().await.map(drop),
                        2 => db.execute("DELETE FROM items").await.map(drop),
                        3 => db.bulk_insert((0..100).map(item)).await.map(drop),
                        _ => db.select::<Item>().update(|i| i.number.add(1)).await.map(drop),
                    };
                    let waited = started.elapsed();
                    assert!(matches!(&done, Err(Error::Busy { .. })), "{number}: {done:?}");
                    // As they wait in one line, one may be told when the next one's time is over.
                    assert!((LIMIT..LIMIT * 3).contains(&waited), "{number}: {waited:?}");
                }
            };
            let writers: Vec<_> = (0..WRITERS).map(|number| tokio::spawn(write(number))).collect();
            for writer in writers {
                writer.await.unwrap();
            }
            // The same again, and the lock comes free in time.
            let waiting: Vec<_> = (0..WRITERS)
                .map(|number| {
                    let db = db.clone();
                    tokio::spawn(async move {
                        match number % 2 {
                            0 => db.insert(item(number)).await.map(drop),
                            _ => db.transaction(async |tx| tx.insert(item(number)).await.map(drop)).await,
                        }
                    })
                })
                .collect();
            tokio::time::sleep(LIMIT / 2).await;
            other.execute_batch("COMMIT").unwrap();
            for write in waiting {
                write.await.unwrap().unwrap();
            }
            assert_eq!(db.select::<Item>().count().await.unwrap(), 1 + WRITERS as u64);
        });
    }
}

/// SQLite refreshes its statistics when a connection closes; that another program writes just then is no failure.
#[test]
fn closing_does_not_fail_while_another_program_writes() {
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(table = "items", index(number))]
    struct Indexed {
        pk: Key<Indexed>,
        number: i64,
    }
    for runtime in [load::one_thread(), load::many_threads()] {
        let folder = load::folder();
        let path = folder.path().join("a.db");
        runtime.block_on(async {
            let db = Db::options().path(&path).busy_timeout(Duration::from_millis(200)).open().await.unwrap();
            db.create_table::<Indexed>().await.unwrap();
            db.bulk_insert((0..1000).map(|number| Indexed::builder().number(number))).await.unwrap();
            // A query by the index makes SQLite want statistics.
            assert_eq!(db.select::<Indexed>().filter(|i| i.number.eq(3)).count().await.unwrap(), 1);
            let other = lock(&path);
            db.close().await.unwrap();
            assert!(!db.is_connected());
            other.execute_batch("COMMIT").unwrap();
            assert_eq!(db.select::<Indexed>().count().await.unwrap(), 1001);
            db.close().await.unwrap();
        });
    }
}

/// In memory only the pool can be in the way.
#[test]
fn what_the_pool_keeps_waiting_in_memory_is_told_so() {
    for runtime in [load::one_thread(), load::many_threads()] {
        runtime.block_on(async {
            let db = Db::options().busy_timeout(Duration::from_millis(100)).open().await.unwrap();
            db.create_table::<Item>().await.unwrap();
            let pool = db.pool();
            let tx = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
            for error in [
                db.insert(item(1)).await.unwrap_err(),
                db.begin().await.map(drop).unwrap_err(),
                db.execute("DELETE FROM items").await.map(drop).unwrap_err(),
            ] {
                assert!(matches!(&error, Error::Busy { .. }), "{error:?}");
                let text = "a statement or a transaction of the pool is not at its end";
                assert!(error.to_string().contains(text), "{error}");
            }
            drop(tx);
            db.insert(item(1)).await.unwrap();
        });
    }
}
