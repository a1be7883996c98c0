//! Writers that come together share one commit.

use std::sync::Arc;
use std::time::Duration;

use crate::together::{Item, Place, Work, all, ask, inserts, item, runtimes};
use sqliter::Error;
use sqliter::prelude::*;
use tracing::{Instrument, info_span};

#[test]
fn inserts_that_wait_together_share_commits() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let place = Place::new().await;
            let before = place.commits();
            let held = place.db.begin().await.unwrap();
            let mut works = inserts(&place.db, 0..128);
            ask(&mut works).await;
            held.rollback().await.unwrap();
            for (number, row) in (0..).zip(all(works).await) {
                let row = row.unwrap();
                assert_eq!((row.number, row.pk), (number, Item::key(number + 1)));
            }
            assert_eq!(place.numbers(), (0..128).collect::<Vec<_>>());
            let commits = place.commits() - before;
            assert!((2..=32).contains(&commits), "{commits} commits for 128 inserts");
        });
    }
}

#[test]
fn a_writer_alone_has_a_commit_of_its_own_and_no_statement_more() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let place = Place::new().await;
            let (commits, statements) = (place.commits(), place.db.statement_count());
            place.db.insert(item(1)).await.unwrap();
            let held = place.db.begin().await.unwrap();
            let mut works = inserts(&place.db, [2]);
            ask(&mut works).await;
            held.rollback().await.unwrap();
            all(works).await.pop().unwrap().unwrap();
            assert_eq!(place.commits() - commits, 2);
            assert_eq!(place.db.statement_count() - statements, 4, "two inserts, BEGIN, ROLLBACK");
        });
    }
}

#[test]
fn all_kinds_of_writes_share_a_commit() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let place = Place::new().await;
            let db = &place.db;
            let rows = db.bulk_insert((1..=4).map(item)).await.unwrap();
            for _ in 0..2 {
                // So that the statement is known to be short.
                db.update_where::<Item, _>(|i| i.number.eq(2), |i| i.number.set(2)).await.unwrap();
            }
            let mut first = rows[0].clone();
            first.number = 10;
            let before = place.commits();
            let held = db.begin().await.unwrap();
            let mut works: Vec<Work<'_, String>> = vec![
                Box::pin(async { format!("{:?}", db.update(&mut first).await) }),
                Box::pin(async {
                    let set = db.update_where::<Item, _>(|i| i.number.eq(2), |i| i.number.set(20)).await;
                    format!("{set:?}")
                }),
                Box::pin(async { format!("{:?}", db.delete(rows[2].pk).await) }),
                Box::pin(async { format!("{:?}", db.upsert(item(4), |i| i.number).ignore().await) }),
                Box::pin(async { format!("{:?}", db.get_or_create(item(4), |i| i.number).await.unwrap().1) }),
                Box::pin(async { db.bulk_insert([item(5), item(6)]).await.unwrap().len().to_string() }),
                Box::pin(async {
                    db.insert_with(item(7), |i| i.pk.given(Item::key(70))).await.unwrap().pk.to_string()
                }),
            ];
            ask(&mut works).await;
            held.rollback().await.unwrap();
            let given = all(works).await;
            assert_eq!(given, ["Ok(())", "Ok(1)", "Ok(())", "Ok(None)", "false", "2", "70"]);
            assert_eq!(place.numbers(), [10, 20, 4, 5, 6, 7]);
            let commits = place.commits() - before;
            assert!(commits < 6, "{commits} commits for six writes that change something");
        });
    }
}

#[test]
fn pairs_of_relations_share_a_commit() {
    #[derive(Debug, Clone, PartialEq, Model)]
    struct Tag {
        pk: Key<Tag>,
    }
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(many_to_many(tags = Tag))]
    struct Note {
        pk: Key<Note>,
    }
    for runtime in runtimes() {
        runtime.block_on(async {
            let place = Place::new().await;
            let db = &place.db;
            db.create_table::<Tag>().await.unwrap();
            db.create_table::<Note>().await.unwrap();
            let tags = db.bulk_insert((0..8).map(|_| Tag::builder())).await.unwrap();
            let note = db.insert(Note::builder()).await.unwrap();
            let before = place.commits();
            let held = db.begin().await.unwrap();
            let mut works: Vec<Work<'_, sqliter::Result<()>>> =
                tags.iter().map(|tag| -> Work<'_, _> { note.tags(db).add([tag]) }).collect();
            ask(&mut works).await;
            held.rollback().await.unwrap();
            for given in all(works).await {
                given.unwrap();
            }
            assert_eq!(note.tags(db).fetch_all().await.unwrap(), tags);
            let commits = place.commits() - before;
            assert!(commits < 8, "{commits} commits for eight writes");
        });
    }
}

/// Each task looks for its row with a connection of its own as soon as it is answered.
#[test]
fn an_answer_comes_after_its_commit() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let place = Arc::new(Place::new().await);
            let tasks: Vec<_> = (0..32)
                .map(|task| {
                    let place = Arc::clone(&place);
                    tokio::spawn(async move {
                        let path = place.path();
                        for round in 0..8 {
                            let number = task * 100 + round;
                            let row = place.db.insert(item(number)).await.unwrap();
                            let raw = rusqlite::Connection::open(&path).unwrap();
                            let seen: i64 = raw
                                .query_row("SELECT count(*) FROM items WHERE number = ?", [number], |row| row.get(0))
                                .unwrap();
                            assert_eq!(seen, 1);
                            assert_eq!(place.db.get(row.pk).await.unwrap().unwrap(), row);
                        }
                    })
                })
                .collect();
            for task in tasks {
                task.await.unwrap();
            }
            assert_eq!(place.numbers().len(), 256);
        });
    }
}

/// What asks between writers is served between them: nobody joins those who asked before it.
#[test]
fn the_order_of_asking_stays() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let place = Place::new().await;
            let db = &place.db;
            let held = db.begin().await.unwrap();
            let insert = |number| -> Work<'_, ()> {
                Box::pin(async move { assert_eq!(db.insert(item(number)).await.unwrap().number, number) })
            };
            let mut works: Vec<Work<'_, ()>> = vec![
                insert(1),
                insert(2),
                Box::pin(async {
                    let tx = db.begin().await.unwrap();
                    tx.insert(item(3)).await.unwrap();
                    tx.commit().await.unwrap();
                }),
                insert(4),
                insert(5),
                Box::pin(async { assert_eq!(db.execute("INSERT INTO items (number) VALUES (6)").await.unwrap(), 1) }),
                insert(7),
                insert(8),
                Box::pin(async { db.create_table::<Item>().await.unwrap() }),
                insert(9),
            ];
            ask(&mut works).await;
            held.rollback().await.unwrap();
            all(works).await;
            assert_eq!(place.numbers(), (1..=9).collect::<Vec<_>>());
        });
    }
}

/// Writers without a pause, each alone or in groups, keep no transaction from its turn.
#[test]
fn a_transaction_is_not_starved_by_groups() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let place = Arc::new(Place::with(Db::options().busy_timeout(Duration::from_secs(10))).await);
            let stop = Arc::new(std::sync::atomic::AtomicBool::new(false));
            let writers: Vec<_> = (0..64)
                .map(|task| {
                    let (place, stop) = (Arc::clone(&place), Arc::clone(&stop));
                    tokio::spawn(async move {
                        for number in 0.. {
                            if stop.load(std::sync::atomic::Ordering::Relaxed) {
                                return;
                            }
                            place.db.insert(item(task * 1_000_000 + number)).await.unwrap();
                        }
                    })
                })
                .collect();
            for number in 1..=20 {
                place.db.transaction(async |tx| tx.insert(item(-number)).await).await.unwrap();
                place.db.execute("UPDATE items SET number = number WHERE number < 0").await.unwrap();
            }
            stop.store(true, std::sync::atomic::Ordering::Relaxed);
            for writer in writers {
                writer.await.unwrap();
            }
            assert_eq!(place.numbers().iter().filter(|number| **number < 0).count(), 20);
        });
    }
}

#[test]
fn waiting_together_needs_no_timer() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let place = Place::with(Db::options().queue_timeout(Duration::from_millis(50))).await;
        let held = place.db.begin().await.unwrap();
        for _ in 0..2 {
            let error = place.db.insert(item(1)).await.unwrap_err();
            assert!(matches!(&error, Error::QueueTimeout { .. }), "{error:?}");
        }
        held.rollback().await.unwrap();
        place.db.insert(item(2)).await.unwrap();
        assert_eq!(place.numbers(), [2]);
    });
}

#[test]
fn waiting_together_ends_with_the_queue_timeout() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let place = Place::with(Db::options().queue_timeout(Duration::from_millis(100))).await;
            let held = place.db.begin().await.unwrap();
            for given in all(inserts(&place.db, 0..3)).await {
                let error = given.unwrap_err();
                let Error::QueueTimeout { holder: Some(holder), held: Some(_), limit, .. } = &error else {
                    panic!("{error:?}")
                };
                assert!(
                    holder.starts_with("transaction begun at ") && holder.contains("shared_commits.rs:"),
                    "{holder}"
                );
                let text = "cannot insert items: its turn did not come within 100ms: transaction begun at ";
                assert!(error.to_string().starts_with(text), "{error}");
                assert_eq!(*limit, Duration::from_millis(100));
            }
            held.rollback().await.unwrap();
            place.db.insert(item(9)).await.unwrap();
            assert_eq!(place.numbers(), [9]);
        });
    }
}

/// Tasks of several runtimes wait together; the work goes on when one of the runtimes ends.
#[test]
fn a_group_outlives_the_runtime_of_its_first_member() {
    let [here, _] = runtimes();
    let place = Arc::new(here.block_on(Place::new()));
    let held = here.block_on(place.db.begin()).unwrap();
    let [there, _] = runtimes();
    let first = Arc::clone(&place);
    there.spawn(async move { first.db.insert(item(1)).await });
    std::thread::sleep(Duration::from_millis(50));
    here.block_on(async {
        let mut works = inserts(&place.db, [2, 3]);
        ask(&mut works).await;
        tokio::task::spawn_blocking(move || drop(there)).await.unwrap();
        held.rollback().await.unwrap();
        for given in all(works).await {
            given.unwrap();
        }
        assert_eq!(place.numbers(), [2, 3]);
    });
}

#[test]
fn each_statement_is_told_in_the_span_of_its_caller() {
    for runtime in runtimes() {
        let events = sqliter_tests::listener::told_in(&runtime, async {
            let place = Place::new().await;
            let held = place.db.begin().await?;
            let mut works: Vec<Work<'_, sqliter::Result<Item>>> = vec![
                Box::pin(place.db.insert(item(1)).instrument(info_span!("caller_one"))),
                Box::pin(place.db.insert(item(2)).instrument(info_span!("caller_two"))),
            ];
            ask(&mut works).await;
            held.rollback().await?;
            all(works).await.into_iter().try_for_each(|given| given.map(drop))
        });
        let spans = |start: &str| -> Vec<_> {
            let own = events.iter().filter(|event| event.sql().starts_with(start));
            own.map(|event| event.spans.iter().skip(1).map(|(name, _)| *name).collect::<Vec<_>>()).collect()
        };
        assert_eq!(spans("INSERT"), [["caller_one", "insert"], ["caller_two", "insert"]]);
        assert_eq!(spans("SAVEPOINT"), spans("INSERT"));
        // The one that creates the table comes first.
        assert_eq!(spans("COMMIT")[1..], [["caller_one", "insert"]]);
    }
}
