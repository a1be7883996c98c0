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
            let Error::QueueTimeout { operation, table, limit, holder, held } = error else { panic!("{error:?}") };
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
        let Error::InsideTransaction { operation, table, begun } = &error else { panic!("{error:?}") };
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
