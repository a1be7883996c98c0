//! Futures that are dropped while they share a commit with others.

use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::locked_out::behind_a_lock;
use crate::together::{Place, all, ask, inserts, item, runtimes};
use sqliter::prelude::*;
use sqliter::types::ValueRef;
use sqliter::types::{DecodeError, EncodeError, Encoded, Storage, kind};

#[test]
fn a_job_that_nobody_waits_for_does_not_run() {
    for runtime in runtimes() {
        for dropped in [0, 2, 4] {
            runtime.block_on(async {
                let place = Place::new().await;
                let held = place.db.begin().await.unwrap();
                let mut works = inserts(&place.db, 0..5);
                ask(&mut works).await;
                drop(works.remove(dropped));
                let statements = place.db.statement_count();
                held.rollback().await.unwrap();
                let given: Vec<_> = all(works).await.into_iter().map(|row| row.unwrap().number).collect();
                let expected: Vec<_> = (0..5).filter(|number| *number != dropped as i64).collect();
                assert_eq!(given, expected);
                assert_eq!(place.numbers(), expected);
                let inserted = place.db.statement_count() - statements;
                assert!(inserted <= 1 + 4 * 6, "{inserted} statements");
            });
        }
    }
}

#[test]
fn when_all_are_dropped_nothing_runs_and_the_next_has_its_turn() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let place = Place::new().await;
            let held = place.db.begin().await.unwrap();
            let mut works = inserts(&place.db, 0..5);
            ask(&mut works).await;
            let mut next = inserts(&place.db, [9]);
            drop(works);
            ask(&mut next).await;
            held.rollback().await.unwrap();
            all(next).await.pop().unwrap().unwrap();
            assert_eq!(place.numbers(), [9]);
        });
    }
}

/// Whoever writes it tells that it runs, and goes on when it is allowed to.
struct Gate {
    runs: mpsc::Sender<()>,
    goes_on: mpsc::Receiver<()>,
}

static GATES: Mutex<Vec<(i64, Gate)>> = Mutex::new(Vec::new());

fn gate(number: i64) -> (mpsc::Receiver<()>, mpsc::Sender<()>) {
    let ((runs, has_run), (go, goes_on)) = (mpsc::channel(), mpsc::channel());
    GATES.lock().unwrap().push((number, Gate { runs, goes_on }));
    (has_run, go)
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Gated(i64);

impl ColumnType for Gated {
    type Inner = Self;
    type Kind = kind::Integer;
    const STORAGE: Storage = Storage::Integer;
    const EXPECTED: &'static str = "a number";

    fn encode(&self) -> Result<Encoded<'_>, EncodeError> {
        let mut gates = GATES.lock().unwrap();
        let gate = gates.iter().position(|(number, _)| *number == self.0).map(|at| gates.remove(at).1);
        drop(gates);
        if let Some(gate) = gate {
            gate.runs.send(()).unwrap();
            gate.goes_on.recv_timeout(Duration::from_secs(20)).unwrap();
        }
        Ok(Encoded::Integer(self.0))
    }

    fn decode(value: ValueRef<'_>) -> Result<Self, DecodeError> {
        Ok(Self(i64::decode(value)?))
    }
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "items")]
struct Slow {
    pk: Key<Slow>,
    #[model(unique)]
    number: Gated,
}

/// The third of five jobs runs when futures are dropped: of those that were not, all are kept, and of those that were,
/// neither the one that runs nor one that comes later.
#[test]
fn futures_dropped_while_the_group_runs_stop_no_other() {
    for (at, runtime) in (1..).zip(runtimes()) {
        for (also, dropped) in [(1, vec![2]), (2, vec![0, 2]), (3, vec![2, 4]), (4, vec![0, 1, 2, 3])] {
            let slow = at * 1000 + also * 100;
            let (runs, go) = gate(slow);
            runtime.block_on(async {
                let place = Arc::new(Place::new().await);
                let held = place.db.begin().await.unwrap();
                let numbers = [1, 2, slow, 4, 5];
                let mut tasks = Vec::new();
                for number in numbers {
                    let place = Arc::clone(&place);
                    let (asked, asks) = tokio::sync::oneshot::channel();
                    tasks.push(tokio::spawn(async move {
                        let mut work: Vec<crate::together::Work<'_, _>> =
                            vec![Box::pin(place.db.insert(Slow::builder().number(Gated(number))))];
                        ask(&mut work).await;
                        asked.send(()).unwrap();
                        all(work).await.pop().unwrap()
                    }));
                    asks.await.unwrap();
                }
                held.rollback().await.unwrap();
                tokio::task::spawn_blocking(move || runs.recv_timeout(Duration::from_secs(20)).unwrap()).await.unwrap();
                for at in &dropped {
                    tasks[*at].abort();
                }
                while !dropped.iter().all(|at| tasks[*at].is_finished()) {
                    tokio::task::yield_now().await;
                }
                go.send(()).unwrap();
                for (at, task) in tasks.into_iter().enumerate() {
                    match dropped.contains(&at) {
                        true => assert!(task.await.unwrap_err().is_cancelled()),
                        false => assert_eq!(task.await.unwrap().unwrap().number, Gated(numbers[at])),
                    }
                }
                let kept = place.numbers();
                for (at, number) in numbers.into_iter().enumerate() {
                    match dropped.contains(&at) {
                        // Its savepoint had ended: it may be kept.
                        true if at < 2 => {}
                        wants_none => assert_eq!(kept.contains(&number), !wants_none, "{number} in {kept:?}"),
                    }
                }
                place.db.insert(item(9)).await.unwrap();
            });
        }
    }
}

/// Whatever was answered is kept, whatever was refused is not, beside transactions and futures dropped at any moment.
#[test]
fn answers_are_true_whatever_is_dropped() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let place = Arc::new(Place::new().await);
            let tasks: Vec<_> = (0..48_i64)
                .map(|task| {
                    let place = Arc::clone(&place);
                    tokio::spawn(async move {
                        let (mut kept, mut refused) = (Vec::new(), Vec::new());
                        for round in 0..24 {
                            let number = 100 + task * 1000 + round;
                            let limit = Duration::from_micros((task * 7919 + round * 104_729).unsigned_abs() % 4000);
                            let work = async {
                                match (task + round) % 6 {
                                    0 => {
                                        let drafts = [item(number), item(round % 3)];
                                        place.db.bulk_insert(drafts).await.map(drop)
                                    }
                                    1 => place.db.transaction(async |tx| tx.insert(item(number)).await.map(drop)).await,
                                    _ => place.db.insert(item(number)).await.map(drop),
                                }
                            };
                            let patient = round % 2 == 0;
                            let given = match patient {
                                true => Ok(work.await),
                                false => tokio::time::timeout(limit, work).await,
                            };
                            match given {
                                Ok(Ok(())) => kept.push(number),
                                Ok(Err(error)) => {
                                    assert!(matches!(error, sqliter::Error::UniqueViolation { .. }), "{error:?}");
                                    refused.push(number);
                                }
                                Err(_) => {}
                            }
                        }
                        (kept, refused)
                    })
                })
                .collect();
            let (mut kept, mut refused) = (Vec::new(), Vec::new());
            for task in tasks {
                let (more, less) = task.await.unwrap();
                kept.extend(more);
                refused.extend(less);
            }
            let numbers: std::collections::HashSet<_> = place.numbers().into_iter().collect();
            assert!(kept.len() > 400 && !refused.is_empty(), "{} kept, {} refused", kept.len(), refused.len());
            assert!(kept.iter().all(|number| numbers.contains(number)));
            assert!(!refused.iter().any(|number| numbers.contains(number)));
        });
    }
}

/// The group stops waiting for the lock of another program when nobody waits for it any more.
#[test]
fn a_group_without_futures_waits_for_no_lock() {
    let [_, runtime] = runtimes();
    runtime.block_on(async {
        let place = Place::with(Db::options().busy_timeout(Duration::from_secs(30))).await;
        let (other, works) = behind_a_lock(&place, 1..4).await;
        // They get the connection, and wait for the lock.
        let given = tokio::time::timeout(Duration::from_millis(100), all(works)).await;
        assert!(given.is_err(), "{given:?}");
        let started = Instant::now();
        place.db.close().await.unwrap();
        assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
        other.execute_batch("COMMIT").unwrap();
        place.db.insert(item(9)).await.unwrap();
        assert_eq!(place.numbers(), [9]);
    });
}
