//! Locks that do not come free: `Error::Busy`, and waiting for those that do.

use std::time::{Duration, Instant};

use sqliter::prelude::*;
use sqliter::{Error, Operation};

#[derive(Debug, Clone, PartialEq, Model)]
struct User {
    pk: Key<User>,
    name: String,
}

const LIMIT: Duration = Duration::from_millis(80);

async fn file(folder: &tempfile::TempDir, limit: Duration) -> sqliter::Result<Db> {
    let db = Db::options().path(folder.path().join("busy.db")).busy_timeout(limit).open().await?;
    db.create_table::<User>().await?;
    db.insert(User::builder().name("first")).await?;
    Ok(db)
}

/// Another program that writes to the same file.
fn other_program(folder: &tempfile::TempDir) -> rusqlite::Connection {
    let other = rusqlite::Connection::open(folder.path().join("busy.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    other
}

fn assert_busy(error: &Error, expected: (Operation, &str)) {
    let Error::Busy { operation, table, limit, source } = error else { panic!("{error:?}") };
    assert_eq!((*operation, table.as_str(), *limit), (expected.0, expected.1, LIMIT));
    let text = format!("cannot {operation} {table}: the database stayed locked for 80ms ({})", source.message);
    assert_eq!(error.to_string(), text);
}

async fn each_write_is_busy() -> sqliter::Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let db = file(&folder, LIMIT).await?;
    let other = other_program(&folder);
    let mut row = db.get(User::key(1)).await?.unwrap();
    let new = || User::builder().name("x");
    let started = Instant::now();
    assert_busy(&db.insert(new()).await.unwrap_err(), (Operation::Insert, "users"));
    assert!(started.elapsed() >= LIMIT, "{:?}", started.elapsed());
    assert_busy(&db.bulk_insert((0..100).map(|_| new())).await.unwrap_err(), (Operation::Insert, "users"));
    assert_busy(&db.update(&mut row).await.unwrap_err(), (Operation::Update, "users"));
    assert_busy(&db.delete(row.pk).await.unwrap_err(), (Operation::Delete, "users"));
    let users = || db.select::<User>();
    assert_busy(&users().update(|u| u.name.set("y")).await.unwrap_err(), (Operation::Update, "users"));
    assert_busy(&users().delete().await.unwrap_err(), (Operation::Delete, "users"));
    assert_busy(&db.create_table::<User>().force().await.unwrap_err(), (Operation::CreateTable, "users"));
    assert_busy(&db.begin().await.unwrap_err(), (Operation::Execute, "BEGIN IMMEDIATE"));
    // Readers of a file do not wait.
    assert_eq!(users().fetch_all().await?, [row.clone()]);
    other.execute_batch("UPDATE users SET name = 'other'; COMMIT").unwrap();
    assert_eq!(db.get(row.pk).await?.unwrap().name, "other");
    db.update(&mut row).await?;
    assert_eq!(users().fetch_all().await?, [row]);
    db.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_write_is_busy_while_another_program_holds_the_lock() -> sqliter::Result<()> {
    each_write_is_busy().await
}

#[tokio::test]
async fn the_same_on_a_current_thread_runtime() -> sqliter::Result<()> {
    each_write_is_busy().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_waits_for_another_program_within_the_limit() -> sqliter::Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let db = file(&folder, Duration::from_secs(20)).await?;
    let other = other_program(&folder);
    let release = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(100));
        other.execute_batch("INSERT INTO users (name) VALUES ('other'); COMMIT").unwrap();
    });
    let row = db.insert(User::builder().name("waited")).await?;
    release.join().unwrap();
    assert_eq!(row.pk, User::key(3));
    db.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_waits_for_a_transaction_of_another_task() -> sqliter::Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let memory = Db::memory().await?;
    memory.create_table::<User>().await?;
    memory.insert(User::builder().name("first")).await?;
    for db in [memory, file(&folder, Duration::from_secs(20)).await?] {
        let tx = db.begin().await?;
        tx.insert(User::builder().name("inside")).await?;
        let outside = db.clone();
        let waiting = tokio::spawn(async move { outside.insert(User::builder().name("outside")).await });
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert!(!waiting.is_finished());
        tx.commit().await?;
        let outside = waiting.await.unwrap()?;
        assert_eq!(outside.pk, User::key(3));
        let names = db.select::<User>().order(|u| u.pk.asc()).only(|u| u.name).fetch_all().await?;
        assert_eq!(names, ["first", "inside", "outside"]);
    }
    Ok(())
}
