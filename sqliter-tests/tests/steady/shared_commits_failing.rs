//! What fails among writers that share a commit fails alone.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::task::Poll;
use std::time::Duration;

use crate::explosive::Explosive;
use crate::locked_out::behind_a_lock;
use crate::together::{Place, Work, all, ask, inserts, item, runtimes};
use sqliter::Error;
use sqliter::prelude::*;

#[test]
fn a_violated_constraint_is_the_error_of_its_own_job() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let place = Place::new().await;
            let before = place.commits();
            let held = place.db.begin().await.unwrap();
            let mut works = inserts(&place.db, [1, 2, 1, 3, 2, 4]);
            ask(&mut works).await;
            held.rollback().await.unwrap();
            let given = all(works).await;
            for (at, expected) in [(0, 1), (1, 2), (3, 3), (5, 4)] {
                assert_eq!(given[at].as_ref().unwrap().number, expected);
            }
            for at in [2, 4] {
                let Err(Error::UniqueViolation { table, columns, .. }) = &given[at] else { panic!("{:?}", given[at]) };
                assert_eq!((table.as_str(), columns.as_slice()), ("items", ["number".to_owned()].as_slice()));
            }
            assert_eq!(place.numbers(), [1, 2, 3, 4]);
            assert!(place.commits() - before < 4);
        });
    }
}

/// A job of several rows that fails in the middle leaves none of them.
#[test]
fn a_job_that_fails_is_undone_to_its_beginning() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let place = Place::new().await;
            let held = place.db.begin().await.unwrap();
            let bulk = |numbers: [i64; 3]| -> Work<'_, _> { Box::pin(place.db.bulk_insert(numbers.map(item))) };
            let mut works = vec![bulk([1, 2, 3]), bulk([4, 5, 1]), bulk([6, 7, 8])];
            ask(&mut works).await;
            held.rollback().await.unwrap();
            let kept: Vec<_> = all(works).await.iter().map(Result::is_ok).collect();
            assert_eq!(kept, [true, false, true]);
            assert_eq!(place.numbers(), [1, 2, 3, 6, 7, 8]);
        });
    }
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "items")]
struct Bomb {
    pk: Key<Bomb>,
    #[model(unique)]
    number: Explosive,
}

#[test]
fn a_panic_is_that_of_its_own_job() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let place = Place::new().await;
            let held = place.db.begin().await.unwrap();
            let insert = |number| -> Work<'_, _> {
                let draft = Bomb::builder().number(Explosive(number));
                Box::pin(caught(Box::pin(place.db.insert_with(draft, |b| b.pk.given(Bomb::key(number.abs()))))))
            };
            let plain = |number| -> Work<'_, _> {
                Box::pin(caught(Box::pin(place.db.insert(Bomb::builder().number(Explosive(number))))))
            };
            let mut works = vec![plain(1), plain(-2), plain(3), insert(13), plain(-4), plain(5)];
            ask(&mut works).await;
            held.rollback().await.unwrap();
            let kept: Vec<_> = all(works).await.iter().map(|given| given.as_ref().map(Result::is_ok).ok()).collect();
            assert_eq!(kept, [Some(true), None, Some(true), None, None, Some(true)]);
            assert_eq!(place.numbers(), [1, 3, 5]);
            place.db.insert(item(6)).await.unwrap();
        });
    }
}

/// What a future gives, or its panic.
async fn caught<T>(mut work: Work<'_, T>) -> std::thread::Result<T> {
    std::future::poll_fn(|cx| match catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(cx))) {
        Ok(Poll::Ready(value)) => Poll::Ready(Ok(value)),
        Ok(Poll::Pending) => Poll::Pending,
        Err(panic) => Poll::Ready(Err(panic)),
    })
    .await
}

/// Another program has the lock for longer than the busy timeout.
#[test]
fn a_beginning_that_fails_is_the_error_of_all() {
    let [_, runtime] = runtimes();
    runtime.block_on(async {
        let place = Place::with(Db::options().busy_timeout(Duration::from_millis(300))).await;
        let (other, works) = behind_a_lock(&place, 1..4).await;
        for given in all(works).await {
            let Err(Error::Busy { table, source, .. }) = &given else { panic!("{given:?}") };
            assert_eq!((table.as_str(), source.message.as_str()), ("items", "database is locked"));
        }
        other.execute_batch("COMMIT").unwrap();
        assert_eq!(place.numbers(), [] as [i64; 0]);
        place.db.insert(item(9)).await.unwrap();
        assert_eq!(place.numbers(), [9]);
    });
}

/// SQLite rolls everything back when the disk is full: what ran before and can be kept runs anew.
#[test]
fn what_rolls_everything_back_fails_alone() {
    #[derive(Debug, Clone, PartialEq, Model)]
    struct Parcel {
        pk: Key<Parcel>,
        content: Vec<u8>,
    }
    const MOST_PAGES: i64 = 9;
    for runtime in runtimes() {
        runtime.block_on(async {
            let limit = format!("PRAGMA max_page_count = {MOST_PAGES}");
            let place = Place::with(Db::options().on_connect(limit)).await;
            let db = &place.db;
            db.create_table::<Parcel>().await.unwrap();
            let pages = db.query::<i64>("SELECT page_count FROM pragma_page_count").fetch_one().await.unwrap().unwrap();
            let held = db.begin().await.unwrap();
            assert_eq!(pages + 4, MOST_PAGES);
            let insert = |size| -> Work<'_, _> { Box::pin(db.insert(Parcel::builder().content(vec![1; size]))) };
            let mut works = vec![insert(1), insert(2), insert(1_000_000), insert(4), insert(5)];
            ask(&mut works).await;
            held.rollback().await.unwrap();
            let given = all(works).await;
            let Err(Error::RecordInsertion { source, .. }) = &given[2] else { panic!("{:?}", given[2]) };
            assert_eq!(source.code, 13, "SQLITE_FULL");
            for (at, given) in given.iter().enumerate().filter(|(at, _)| *at != 2) {
                assert!(given.is_ok(), "{at}: {given:?}");
            }
            let sizes = db.query::<i64>("SELECT length(content) FROM parcels ORDER BY pk").fetch_all().await.unwrap();
            assert_eq!(sizes, [1, 2, 4, 5]);
        });
    }
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Child {
    pk: Key<Child>,
    item: i64,
}

async fn children(place: &Place, numbers: &[i64]) -> Vec<sqliter::Result<Child>> {
    let held = place.db.begin().await.unwrap();
    let insert = |number| -> Work<'_, _> { Box::pin(place.db.insert(Child::builder().item(number))) };
    let mut works: Vec<_> = numbers.iter().copied().map(insert).collect();
    ask(&mut works).await;
    held.rollback().await.unwrap();
    all(works).await
}

/// Foreign keys of the user's own that SQLite checks at the commit.
#[test]
fn a_deferred_foreign_key_fails_its_own_job() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let place = Place::new().await;
            let ddl = "CREATE TABLE children (pk INTEGER PRIMARY KEY, item INTEGER NOT NULL \
                       REFERENCES items(pk) deferrable initially deferred)";
            place.db.execute(ddl).await.unwrap();
            place.db.insert(item(1)).await.unwrap();
            let given = children(&place, &[1, 99, 1, 98, 1]).await;
            let kept: Vec<_> = given.iter().map(Result::is_ok).collect();
            assert_eq!(kept, [true, false, true, false, true]);
            let error = given[1].as_ref().unwrap_err();
            assert!(matches!(error, Error::ForeignKeyViolation { table, .. } if table == "children"), "{error:?}");
            let kept = place.db.query::<i64>("SELECT item FROM children").fetch_all().await.unwrap();
            assert_eq!(kept, [1, 1, 1]);
        });
    }
}

/// A column whose name only looks like an action of a constraint keeps nobody from sharing a commit.
#[test]
fn names_that_look_like_actions_do_not_part_the_jobs() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let place = Place::new().await;
            let ddl = "CREATE TABLE children (pk INTEGER PRIMARY KEY, item INTEGER NOT NULL, rollback_at INTEGER, \
                       deferred TEXT)";
            place.db.execute(ddl).await.unwrap();
            let before = place.commits();
            let given = children(&place, &[1, 2, 3, 4, 5, 6, 7, 8]).await;
            assert!(given.iter().all(Result::is_ok), "{given:?}");
            let commits = place.commits() - before;
            assert!(commits < 8, "{commits} commits for eight inserts");
        });
    }
}

/// A writer before the group cannot leave the connection so that all foreign keys are checked at the next commit.
#[test]
fn foreign_keys_are_not_deferred_for_the_next_job() {
    for runtime in runtimes() {
        runtime.block_on(async {
            let place = Place::new().await;
            let ddl = "CREATE TABLE children (pk INTEGER PRIMARY KEY, item INTEGER NOT NULL REFERENCES items(pk))";
            place.db.execute(ddl).await.unwrap();
            place.db.insert(item(1)).await.unwrap();
            let held = place.db.begin().await.unwrap();
            let mut works: Vec<Work<'_, bool>> =
                vec![Box::pin(async { place.db.execute("PRAGMA defer_foreign_keys = ON").await.is_ok() })];
            for number in [1, 99, 1] {
                let insert = place.db.insert(Child::builder().item(number));
                works.push(Box::pin(async { insert.await.is_ok() }));
            }
            ask(&mut works).await;
            held.rollback().await.unwrap();
            assert_eq!(all(works).await, [false, true, false, true]);
        });
    }
}

/// Triggers and constraints of the user's own that undo or keep more than their statement.
#[test]
fn actions_on_the_whole_transaction_concern_their_own_job() {
    let whole_transaction = [
        "CREATE TABLE children (pk INTEGER PRIMARY KEY, item INTEGER NOT NULL UNIQUE ON CONFLICT ROLLBACK)",
        "CREATE TABLE children (pk INTEGER PRIMARY KEY, item INTEGER NOT NULL UNIQUE on conflict fail)",
        "CREATE TABLE children (pk INTEGER PRIMARY KEY, item INTEGER NOT NULL); \
         CREATE TRIGGER refuse BEFORE INSERT ON children WHEN EXISTS (SELECT 1 FROM children WHERE item = new.item) \
         BEGIN SELECT raise(rollback, 'twice'); END",
        "CREATE TABLE IF NOT EXISTS children (pk INTEGER PRIMARY KEY, item INTEGER NOT NULL); \
         CREATE TEMP TRIGGER refuse BEFORE INSERT ON main.children \
         WHEN EXISTS (SELECT 1 FROM children WHERE item = new.item) BEGIN SELECT RAISE(ROLLBACK, 'twice'); END",
    ];
    for runtime in runtimes() {
        for ddl in whole_transaction {
            runtime.block_on(async {
                // What is temporary must be there on every connection.
                let is_temporary = ddl.contains("TEMP");
                let options = Db::options();
                let place = Place::with(if is_temporary { options.on_connect(ddl) } else { options }).await;
                if !is_temporary {
                    rusqlite::Connection::open(place.path()).unwrap().execute_batch(ddl).unwrap();
                }
                let given = children(&place, &[1, 2, 1, 3]).await;
                let kept: Vec<_> = given.iter().map(Result::is_ok).collect();
                assert_eq!(kept, [true, true, false, true], "{ddl}");
                let items = place.db.query::<i64>("SELECT item FROM children ORDER BY pk").fetch_all().await.unwrap();
                assert_eq!(items, [1, 2, 3], "{ddl}");
            });
        }
    }
}
