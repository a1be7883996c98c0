//! Waiting for one's own turn: how long, and what is said when it does not come.

use std::time::{Duration, Instant};

use sqliter::prelude::*;
use sqliter::{Error, Operation};

#[derive(Debug, Clone, PartialEq, Model)]
struct User {
    pk: Key<User>,
    name: String,
}

const LIMIT: Duration = Duration::from_millis(80);

fn user(name: &str) -> NewUser {
    NewUser { name: name.to_owned() }
}

async fn databases(folder: &tempfile::TempDir, limit: Duration) -> [Db; 2] {
    let file = Db::options().path(folder.path().join("a.db")).queue_timeout(limit).open().await.unwrap();
    let memory = Db::options().queue_timeout(limit).open().await.unwrap();
    for db in [&file, &memory] {
        db.create_table::<User>().await.unwrap();
    }
    [file, memory]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_error_says_who_held_the_connection_how_long_and_for_what() {
    let folder = tempfile::tempdir().unwrap();
    for db in databases(&folder, LIMIT).await {
        let (tx, line) = (db.begin().await.unwrap(), line!());
        tx.insert(user("inside")).await.unwrap();
        let begun = format!("transaction begun at {}:{line}:", file!());
        for (error, expected) in [
            (db.insert(user("outside")).await.unwrap_err(), (Operation::Insert, "users")),
            (db.begin().await.unwrap_err(), (Operation::Execute, "BEGIN IMMEDIATE")),
            (db.execute("DELETE FROM users").await.unwrap_err(), (Operation::Execute, "a statement")),
        ] {
            let text = error.to_string();
            let Error::QueueTimeout { operation, table, limit, holder, held, .. } = error else { panic!("{error:?}") };
            assert_eq!((operation, table.as_str(), limit), (expected.0, expected.1, LIMIT));
            let holder = holder.unwrap();
            assert!(holder.starts_with(&begun), "{holder}");
            assert!(held.unwrap() >= LIMIT);
            let start = format!("cannot {operation} {table}: its turn did not come within 80ms: {holder} has had");
            assert!(text.starts_with(&start), "{text}");
        }
        tx.commit().await.unwrap();
        db.insert(user("after")).await.unwrap();
        assert_eq!(db.select::<User>().only(|u| u.name).fetch_all().await.unwrap(), ["inside", "after"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closure_is_named_by_the_line_of_its_call() {
    let folder = tempfile::tempdir().unwrap();
    let [db, _] = databases(&folder, LIMIT).await;
    let other = db.clone();
    let beside = async |_: &Tx| {
        Ok(tokio::spawn(async move { other.insert(user("x")).await.unwrap_err().to_string() }).await.unwrap())
    };
    let (transaction, line) = (db.transaction(beside), line!());
    let error = transaction.await.unwrap();
    assert!(error.contains(&format!("transaction begun at {}:{line}:", file!())), "{error}, and it is line {line}");
}

/// Many more transactions than the busy timeout has room for.
#[tokio::test(flavor = "multi_thread")]
async fn all_of_many_transactions_get_their_turn() {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::options().path(folder.path().join("a.db")).busy_timeout(Duration::from_millis(100));
    let db = db.open().await.unwrap();
    db.create_table::<User>().await.unwrap();
    let tasks: Vec<_> = (0..100)
        .map(|number| {
            let db = db.clone();
            tokio::spawn(async move {
                db.transaction(async |tx| {
                    tx.insert(user(&number.to_string())).await?;
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    Ok(())
                })
                .await
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(db.select::<User>().count().await.unwrap(), 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_runs_is_named_too() {
    let folder = tempfile::tempdir().unwrap();
    let [db, _] = databases(&folder, LIMIT).await;
    let long =
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) INSERT INTO users (name) SELECT x FROM n";
    let clone = db.clone();
    let running = tokio::spawn(async move { clone.execute(long).await });
    tokio::time::sleep(Duration::from_millis(30)).await;
    let error = db.insert(user("x")).await.unwrap_err();
    assert!(
        matches!(&error, Error::QueueTimeout { holder: Some(holder), .. } if holder == "execute a statement"),
        "{error:?}"
    );
    running.abort();
}

/// What waits for the transaction that it stands inside is told at once, on whatever runtime and task.
#[tokio::test]
async fn the_database_inside_its_own_transaction_is_told_at_once() {
    let folder = tempfile::tempdir().unwrap();
    for db in databases(&folder, Duration::from_secs(60)).await {
        let started = Instant::now();
        let error = db.transaction(async |_| db.insert(user("x")).await).await.unwrap_err();
        let Error::InsideTransaction { operation, table, begun, .. } = &error else { panic!("{error:?}") };
        assert_eq!((*operation, table.as_str()), (Operation::Insert, "users"));
        assert!(begun.starts_with(file!()), "{begun}");
        assert!(error.to_string().contains("use the transaction instead"), "{error}");
        let error = db
            .transaction(async |_| {
                let inner = async { db.transaction(async |tx| tx.insert(user("x")).await).await };
                Box::pin(inner).await
            })
            .await
            .unwrap_err();
        assert!(matches!(error, Error::InsideTransaction { .. }), "{error:?}");
        assert!(started.elapsed() < Duration::from_secs(5));
        db.transaction(async |tx| tx.insert(user("y")).await).await.unwrap();
    }
}

/// So is what waits in a closure for the transaction that it was begun on.
#[tokio::test]
async fn a_transaction_inside_the_closure_of_its_own_inner_one_is_told_at_once() {
    let folder = tempfile::tempdir().unwrap();
    for db in databases(&folder, Duration::from_secs(60)).await {
        let started = Instant::now();
        let tx = db.begin().await.unwrap();
        let in_transaction = tx.transaction(async |_| tx.insert(user("x")).await.map(drop)).await.unwrap_err();
        let in_snapshot = tx.snapshot(async |_| tx.insert(user("x")).await.map(drop)).await.unwrap_err();
        for (error, of) in [(in_transaction, "transaction"), (in_snapshot, "snapshot")] {
            let Error::InsideTransaction { operation, table, used, kind, begun, .. } = &error else {
                panic!("{error:?}")
            };
            assert_eq!((*operation, table.as_str(), *kind), (Operation::Insert, "users", of));
            assert_eq!(*used, "the transaction around it");
            let text = format!(
                "cannot insert users on the transaction around it inside the {of} begun at {begun}: it would wait for the \
                end of that {of}; use the {of} instead"
            );
            assert_eq!(error.to_string(), text);
        }
        // Beside the closure, and in it through the inner one, all goes well.
        tx.transaction(async |inner| inner.transaction(async |last| last.insert(user("y")).await).await).await.unwrap();
        let beside = async { tx.insert(user("z")).await };
        let inside = tx.transaction(async |inner| {
            tokio::time::sleep(LIMIT).await;
            inner.insert(user("w")).await
        });
        let (beside, inside) = tokio::join!(inside, beside);
        beside.and(inside).unwrap();
        tx.commit().await.unwrap();
        assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
        assert_eq!(db.select::<User>().count().await.unwrap(), 3);
    }
}

/// Two transactions beside each other in one task are no mistake.
#[tokio::test]
async fn transactions_beside_each_other_in_one_task_take_turns() {
    let folder = tempfile::tempdir().unwrap();
    for db in databases(&folder, Duration::from_secs(60)).await {
        let both = tokio::spawn(async move {
            let one = || {
                db.transaction(async |tx| {
                    tx.insert(user("x")).await?;
                    tokio::task::yield_now().await;
                    tx.insert(user("y")).await
                })
            };
            let (a, b, c) = tokio::join!(one(), one(), async { db.insert(user("z")).await });
            a.unwrap();
            b.unwrap();
            c.unwrap();
        });
        both.await.unwrap();
    }
}

/// SQL for `on_connect` that takes a while.
const SLOW: &str = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 400000) SELECT max(x) FROM n";

/// To open a connection is no waiting for a turn.
#[tokio::test]
async fn the_time_in_which_a_connection_is_opened_does_not_count() {
    for limit in [Duration::ZERO, Duration::from_millis(5)] {
        let folder = tempfile::tempdir().unwrap();
        let db = Db::options().path(folder.path().join("a.db")).queue_timeout(limit).on_connect(SLOW);
        let db = db.open().await.unwrap();
        db.create_table::<User>().await.unwrap();
        assert_eq!(db.select::<User>().count().await.unwrap(), 0);
        assert!(db.select::<User>().fetch_stream().next().await.is_none());
        db.close().await.unwrap();
        db.begin_read().await.map(drop).unwrap();
        db.insert(user("x")).await.unwrap();
        db.close().await.unwrap();
        db.begin().await.unwrap().rollback().await.unwrap();
    }
}

#[tokio::test]
async fn who_has_the_readers_is_told_with_the_line() {
    let folder = tempfile::tempdir().unwrap();
    for readers in [1, 2] {
        let db = Db::options().path(folder.path().join("a.db")).max_readers(readers).queue_timeout(LIMIT);
        let db = db.open().await.unwrap();
        db.create_table::<User>().await.unwrap();
        let (first, line) = (db.begin_read().await.unwrap(), line!());
        let others: Vec<_> = (1..readers).map(|_| db.begin_read()).collect();
        let mut open = Vec::new();
        for other in others {
            open.push(other.await.unwrap());
        }
        let error = db.get(User::key(1)).await.unwrap_err();
        let Error::QueueTimeout { holder: Some(holder), held: Some(held), .. } = &error else { panic!("{error:?}") };
        assert!(holder.starts_with(&format!("snapshot begun at {}:{line}:", file!())), "{holder}");
        assert!(*held >= LIMIT);
        let expected = match readers {
            1 => format!("within 80ms: {holder} has had the connection for "),
            _ => format!("within 80ms: all 2 connections for reads are in use; {holder} has had one of them for "),
        };
        assert!(error.to_string().contains(&expected), "{error}");
        drop((first, open));
        assert_eq!(db.get(User::key(1)).await.unwrap(), None);
    }
}

/// Where the snapshots that the code stands inside have all readers, nobody can give it one.
#[tokio::test]
async fn the_database_inside_its_own_snapshots_is_told_at_once_where_no_reader_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let started = Instant::now();
    for (readers, memory) in [(1, false), (2, false), (1, true)] {
        let options = Db::options().max_readers(readers);
        let options = if memory { options } else { options.path(folder.path().join("a.db")) };
        let db = options.open().await.unwrap();
        db.create_table::<User>().await.unwrap();
        let refused = |error: &Error| {
            let Error::InsideTransaction { kind, begun, .. } = error else { panic!("{error:?}") };
            assert_eq!(*kind, "snapshot");
            assert!(begun.starts_with(file!()), "{begun}");
            assert!(error.to_string().ends_with("the end of that snapshot; use the snapshot instead"), "{error}");
        };
        let one = db.snapshot(async |_| db.get(User::key(1)).await).await;
        match readers {
            1 => refused(&one.unwrap_err()),
            _ => assert_eq!(one.unwrap(), None),
        }
        let two = db.snapshot(async |_| db.snapshot(async |_| db.get(User::key(1)).await).await).await;
        refused(&two.unwrap_err());
        // Parts of one snapshot have one connection.
        let parts = db
            .snapshot(async |s| {
                s.snapshot(async |part| part.get(User::key(1)).await).await?;
                s.get(User::key(1)).await
            })
            .await;
        assert_eq!(parts.unwrap(), None);
        if !memory {
            db.snapshot(async |_| db.insert(user("x")).await).await.unwrap();
        }
        db.close().await.unwrap();
        if !memory {
            std::fs::remove_file(folder.path().join("a.db")).unwrap();
        }
    }
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}

#[tokio::test]
async fn what_is_open_inside_a_transaction_is_told_with_the_line() {
    let folder = tempfile::tempdir().unwrap();
    for db in databases(&folder, LIMIT).await {
        let tx = db.begin().await.unwrap();
        for kind in ["snapshot", "transaction"] {
            let (inside, line): (Box<dyn std::any::Any>, u32) = match kind {
                "snapshot" => (Box::new(tx.begin_read().await.unwrap()), line!()),
                _ => (Box::new(tx.begin().await.unwrap()), line!()),
            };
            let error = tx.insert(user("x")).await.unwrap_err();
            let begun = format!("the {kind} begun at {}:{line}:", file!());
            assert!(error.to_string().contains(&begun), "{error}, and it is line {line}");
            assert!(error.to_string().ends_with("end it before"), "{error}");
            drop(inside);
            tx.insert(user("y")).await.unwrap();
        }
        tx.commit().await.unwrap();
    }
}

/// Somebody had the connection, but for the runtime of this one it would have been this one.
#[test]
fn a_transaction_that_is_polled_too_late_is_told_that() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let error = runtime.block_on(async {
        let [db, _] = databases(&folder, LIMIT).await;
        let held = db.begin().await.unwrap();
        let mut begun = db.begin();
        let mut held = Some(held);
        let polled = std::future::poll_fn(|cx| {
            let polled = begun.as_mut().poll(cx);
            if let Some(held) = held.take() {
                drop(held);
                std::thread::sleep(LIMIT * 2);
                // The other one has it again before this is polled.
                let (db, waker) = (db.clone(), cx.waker().clone());
                let other = std::thread::spawn(move || {
                    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
                    let tx = runtime.block_on(async { db.begin().await.unwrap() });
                    waker.wake();
                    std::thread::sleep(LIMIT * 6);
                    drop(tx);
                });
                std::thread::sleep(LIMIT / 2);
                drop(other);
            }
            polled
        });
        polled.await.map(drop)
    });
    let error = error.unwrap_err();
    assert!(
        error.to_string().contains("the connection was offered to it once, and its future was not polled"),
        "{error}"
    );
}
