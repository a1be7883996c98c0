//! Futures that are alive and not polled, leaked, or polled late delay nobody.

use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};

use crate::load;
use crate::together::{self, Item, Place, Work, ask, inserts, item, runtimes};
use sqliter::prelude::*;

const SOON: Duration = Duration::from_secs(20);

async fn place() -> Place {
    Place::with(Db::options().queue_timeout(Duration::from_secs(60))).await
}

/// The first in the line is not polled: what it asked for is done in its turn, and the others go on.
#[test]
fn a_write_that_is_not_polled_runs_in_its_turn() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let place = place().await;
            let held = place.db.begin().await.unwrap();
            let mut first = inserts(&place.db, [1]);
            ask(&mut first).await;
            let mut others = inserts(&place.db, [2, 3]);
            ask(&mut others).await;
            held.commit().await.unwrap();
            let started = Instant::now();
            for row in together::all(others).await {
                row.unwrap();
            }
            place.db.insert(item(4)).await.unwrap();
            assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
            assert_eq!(together::all(first).await.pop().unwrap().unwrap().number, 1);
            assert_eq!(place.numbers(), [1, 2, 3, 4]);
        });
    }
}

#[test]
fn a_write_that_is_leaked_delays_nobody() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let place = place().await;
            let held = place.db.begin().await.unwrap();
            let mut leaked = inserts(&place.db, [1]);
            ask(&mut leaked).await;
            std::mem::forget(leaked);
            held.commit().await.unwrap();
            let started = Instant::now();
            place.db.insert(item(2)).await.unwrap();
            place.db.select::<Item>().count().await.unwrap();
            assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
        });
    }
}

/// A transaction has to be polled to take its turn. One that is not is passed over, and has its turn when it asks again.
#[test]
fn a_transaction_that_is_not_polled_or_is_leaked_is_passed_over() {
    for runtime in runtimes() {
        for leaked in [false, true] {
            runtime.block_on(async {
                let place = place().await;
                let held = place.db.begin().await.unwrap();
                let mut first: Vec<Work<'_, _>> = vec![place.db.begin()];
                ask(&mut first).await;
                let mut others = inserts(&place.db, [2, 3]);
                ask(&mut others).await;
                held.commit().await.unwrap();
                let started = Instant::now();
                for row in together::all(others).await {
                    row.unwrap();
                }
                place.db.transaction(async |tx| tx.insert(item(4)).await).await.unwrap();
                assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
                if leaked {
                    std::mem::forget(first);
                } else {
                    let tx = together::all(first).await.pop().unwrap().unwrap();
                    tx.insert(item(1)).await.unwrap();
                    tx.commit().await.unwrap();
                }
                place.db.insert(item(5)).await.unwrap();
                let expected: &[i64] = if leaked { &[2, 3, 4, 5] } else { &[2, 3, 4, 1, 5] };
                assert_eq!(place.numbers(), expected);
            });
        }
    }
}

/// A runtime that is busy polls late, again and again, while others write without a pause. A transaction that asks again has its
/// turn all the same.
#[test]
fn a_transaction_that_is_polled_late_again_and_again_has_its_turn() {
    const LATE: Duration = Duration::from_millis(50);
    for runtime in runtimes() {
        let place = runtime.block_on(Place::with(Db::options().queue_timeout(Duration::from_secs(60))));
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            for writer in 1..=3 {
                let (db, stop) = (place.db.clone(), &stop);
                scope.spawn(move || {
                    let mut number = writer;
                    while !stop.load(Ordering::Relaxed) {
                        let rows = (0..200).map(|_| {
                            number += 3;
                            item(number)
                        });
                        load::one_thread().block_on(db.bulk_insert(rows).into_future()).unwrap();
                    }
                });
            }
            let mut polls = 0;
            let begun = runtime.block_on(async {
                let mut begun = place.db.begin();
                poll_fn(|cx| {
                    polls += 1;
                    if polls > 1 {
                        std::thread::sleep(LATE);
                    }
                    match begun.as_mut().poll(cx) {
                        Poll::Pending if polls > 20 => Poll::Ready(None),
                        polled => polled.map(Some),
                    }
                })
                .await
            });
            stop.store(true, Ordering::Relaxed);
            drop(begun.unwrap_or_else(|| panic!("not after {polls} polls")).unwrap());
        });
    }
}

/// The other branch of a `select!` writes while the first write is alive.
#[test]
fn the_other_branch_of_a_select_writes() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let place = place().await;
            let other = place.db.clone();
            let (begun, has_begun) = tokio::sync::oneshot::channel();
            let long = tokio::spawn(async move {
                let tx = other.begin().await.unwrap();
                begun.send(()).unwrap();
                tokio::time::sleep(Duration::from_millis(100)).await;
                tx.commit().await.unwrap();
            });
            has_begun.await.unwrap();
            let mut first = place.db.insert(item(1));
            let started = Instant::now();
            tokio::select! {
                row = &mut first => panic!("{row:?}"),
                () = tokio::time::sleep(Duration::from_millis(20)) => {
                    place.db.insert(item(2)).await.unwrap();
                }
            }
            assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
            first.await.unwrap();
            long.await.unwrap();
            assert_eq!(place.numbers(), [1, 2]);
        });
    }
}

/// Inside a transaction it is the same: its statements wait in a queue of their own.
#[test]
fn a_statement_of_a_transaction_that_is_not_polled_delays_none_of_the_others() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let place = place().await;
            let tx = place.db.begin().await.unwrap();
            let slow =
                "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 300000) SELECT max(x) FROM n";
            let mut first: Vec<Work<'_, _>> = vec![Box::pin(tx.query::<i64>(slow).fetch_required())];
            ask(&mut first).await;
            let started = Instant::now();
            tx.insert(item(1)).await.unwrap();
            assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
            assert_eq!(together::all(first).await.pop().unwrap().unwrap(), 300_000);
            tx.commit().await.unwrap();
            assert_eq!(place.numbers(), [1]);
        });
    }
}

/// All readers are busy, and the read that waits for one is not polled.
#[test]
fn a_read_that_is_not_polled_delays_no_other() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let place = Place::with(Db::options().max_readers(1)).await;
            place.db.insert(item(1)).await.unwrap();
            let slow =
                "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 300000) SELECT max(x) FROM n";
            let mut works: Vec<Work<'_, _>> =
                (0..3).map(|_| -> Work<'_, _> { Box::pin(place.db.query::<i64>(slow).fetch_required()) }).collect();
            ask(&mut works).await;
            let started = Instant::now();
            assert_eq!(place.db.select::<Item>().count().await.unwrap(), 1);
            assert!(started.elapsed() < SOON, "{:?}", started.elapsed());
            assert_eq!(together::all(works).await.len(), 3);
        });
    }
}
