//! Time limits of calls: what is not done in time is stopped, undone and told.

use std::time::{Duration, Instant};

use sqliter::prelude::*;
use sqliter::{Error, Operation, Result};
use tempfile::TempDir;

#[derive(Debug, Clone, PartialEq, Model)]
struct Note {
    pk: Key<Note>,
    text: String,
    number: i64,
}

/// All numbers, without an end.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(view = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n")]
struct Endless {
    #[model(pk)]
    i: i64,
}

const ENDLESS: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
const BRIEF: Duration = Duration::from_millis(30);
/// Far below the limits that would end a call otherwise.
const LONG: Duration = Duration::from_secs(4);

fn note(text: &str) -> NewNote {
    Note::builder().text(text).number(0).build()
}

async fn open() -> (TempDir, Db) {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open(folder.path().join("notes.db")).await.unwrap();
    db.create_tables::<(Note, Endless)>().await.unwrap();
    (folder, db)
}

/// Every update and insert takes some seconds from now on.
async fn slow_writes(db: &Db) {
    for event in ["UPDATE", "INSERT"] {
        let slow = format!(
            "CREATE TRIGGER slow_{event} AFTER {event} ON notes BEGIN
               SELECT count(*) FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 20000000)
                                     SELECT i FROM n);
             END"
        );
        db.execute(slow).await.unwrap();
    }
}

/// The call ends in time, by its limit.
async fn is_late<T: std::fmt::Debug>(call: impl IntoFuture<Output = Result<T>>) {
    let started = Instant::now();
    let ended = call.await;
    assert!(matches!(&ended, Err(Error::Timeout { after, .. }) if *after == BRIEF), "{ended:?}");
    assert!(started.elapsed() >= BRIEF && started.elapsed() < LONG, "{:?}", started.elapsed());
}

#[tokio::test]
async fn a_query_that_takes_too_long_is_stopped() {
    let (_folder, db) = open().await;
    is_late(db.query::<i64>(ENDLESS).timeout(BRIEF).fetch_one()).await;
    is_late(db.query::<i64>(ENDLESS).timeout(BRIEF).fetch_all()).await;
    is_late(db.query::<i64>(ENDLESS).timeout(BRIEF).fetch_required()).await;
    is_late(db.query::<i64>(ENDLESS).timeout(BRIEF).fetch_only()).await;
    is_late(db.select::<Endless>().timeout(BRIEF).fetch_all()).await;
    is_late(db.select::<Endless>().filter(|n| n.i.lt(0)).timeout(BRIEF).exists()).await;
    is_late(db.select::<Endless>().timeout(BRIEF).count()).await;
    is_late(db.select::<Endless>().timeout(BRIEF).fetch_last()).await;
    is_late(db.select::<Endless>().timeout(BRIEF).annotate(|n| n.i.max()).fetch_all()).await;
    is_late(db.select::<Endless>().timeout(BRIEF).order(|n| n.i.desc()).page_after(None, 3)).await;
    is_late(db.select::<Endless>().timeout(BRIEF).fetch_dicts()).await;
    is_late(db.get(Endless::key(-1)).timeout(BRIEF)).await;
    // All connections are free again.
    let readers: Vec<_> = (0..20).map(|_| db.select::<Note>().timeout(LONG).count()).collect();
    for reader in readers {
        assert_eq!(reader.await.unwrap(), 0);
    }
    let error = db.select::<Endless>().timeout(BRIEF).count().await.unwrap_err();
    assert_eq!(error.to_string(), "cannot fetch endlesses: it was not done within 30ms; nothing of it was kept");
    assert!(matches!(error, Error::Timeout { operation: Operation::Fetch, table, .. } if table == "endlesses"));
}

#[tokio::test]
async fn a_stream_ends_in_time() {
    let (_folder, db) = open().await;
    for rows in [
        db.select::<Endless>().timeout(BRIEF).fetch_stream(),
        db.timeout(BRIEF).select::<Endless>().fetch_stream(),
        db.select::<Endless>().filter(|n| n.i.lt(0)).timeout(BRIEF).fetch_stream(),
    ] {
        is_late(async move {
            let mut rows = rows;
            while let Some(row) = rows.next().await {
                row?;
            }
            Ok(())
        })
        .await;
    }
}

#[tokio::test]
async fn a_session_has_a_limit_for_each_of_its_calls() {
    let (_folder, db) = open().await;
    let brief = db.timeout(BRIEF);
    is_late(brief.query::<i64>(ENDLESS).fetch_one()).await;
    is_late(brief.select::<Endless>().count()).await;
    is_late(brief.get(Endless::key(-1))).await;
    // The shorter one of two limits counts.
    is_late(brief.select::<Endless>().timeout(LONG).count()).await;
    is_late(brief.timeout(LONG).select::<Endless>().count()).await;
    is_late(db.timeout(LONG).select::<Endless>().timeout(BRIEF).count()).await;
    // What is done in time is.
    let first = brief.insert(note("first")).await.unwrap();
    assert_eq!(brief.get(first.pk).await.unwrap(), Some(first));
    // Each call has the time for itself.
    for _ in 0..5 {
        tokio::time::sleep(BRIEF / 2).await;
        assert_eq!(brief.select::<Note>().count().await.unwrap(), 1);
    }
}

#[tokio::test]
async fn what_a_write_has_done_is_undone() {
    let (_folder, db) = open().await;
    let first = db.insert(note("first")).await.unwrap();
    slow_writes(&db).await;
    let brief = db.timeout(BRIEF);
    let mut changed = Note { text: "changed".into(), ..first.clone() };
    is_late(brief.insert(note("second"))).await;
    is_late(brief.bulk_insert([note("second"), note("third")])).await;
    is_late(brief.update(&mut changed)).await;
    is_late(db.select::<Note>().timeout(BRIEF).update(|n| n.number.add(1))).await;
    is_late(db.execute("UPDATE notes SET number = 7").timeout(BRIEF)).await;
    is_late(db.query::<i64>("UPDATE notes SET number = 7 RETURNING pk").timeout(BRIEF).fetch_all()).await;
    is_late(db.execute_script("INSERT INTO notes (text, number) VALUES ('a', 1); SELECT 1").timeout(BRIEF)).await;
    assert_eq!(db.select::<Note>().fetch_all().await.unwrap(), [first]);
}

#[tokio::test]
async fn waiting_for_the_writer_counts() {
    let (_folder, db) = open().await;
    let first = db.insert(note("first")).await.unwrap();
    let tx = db.begin().await.unwrap();
    let mut changed = first.clone();
    is_late(db.timeout(BRIEF).insert(note("second"))).await;
    is_late(db.timeout(BRIEF).update(&mut changed)).await;
    is_late(db.timeout(BRIEF).delete(first.pk)).await;
    is_late(db.timeout(BRIEF).begin()).await;
    is_late(db.timeout(BRIEF).transaction(async |_| Ok(()))).await;
    is_late(db.select::<Note>().timeout(BRIEF).delete()).await;
    is_late(db.execute("DELETE FROM notes").timeout(BRIEF)).await;
    is_late(db.execute_script("DELETE FROM notes").timeout(BRIEF)).await;
    // Readers wait for nobody.
    assert_eq!(db.timeout(BRIEF).get(first.pk).await.unwrap(), Some(first.clone()));
    // A transaction inside it keeps its own statements waiting.
    let inner = tx.begin().await.unwrap();
    is_late(tx.timeout(BRIEF).insert(note("second"))).await;
    is_late(tx.select::<Note>().timeout(BRIEF).count()).await;
    is_late(tx.timeout(BRIEF).begin()).await;
    inner.commit().await.unwrap();
    assert_eq!(tx.timeout(BRIEF).get(first.pk).await.unwrap(), Some(first.clone()));
    tx.commit().await.unwrap();
    assert_eq!(db.select::<Note>().fetch_all().await.unwrap(), [first]);
}

#[tokio::test]
async fn waiting_for_another_program_counts() {
    let (folder, db) = open().await;
    let other = rusqlite::Connection::open(folder.path().join("notes.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    is_late(db.timeout(BRIEF).insert(note("first"))).await;
    is_late(db.timeout(BRIEF).begin()).await;
    is_late(db.execute("DELETE FROM notes").timeout(BRIEF)).await;
    other.execute_batch("COMMIT").unwrap();
    db.timeout(LONG).insert(note("first")).await.unwrap();
    assert_eq!(db.select::<Note>().count().await.unwrap(), 1);
}

#[tokio::test]
async fn of_a_database_in_memory_readers_wait_too() {
    let db = Db::memory().await.unwrap();
    db.create_table::<Note>().await.unwrap();
    let first = db.insert(note("first")).await.unwrap();
    let tx = db.begin().await.unwrap();
    is_late(db.get(first.pk).timeout(BRIEF)).await;
    is_late(db.select::<Note>().timeout(BRIEF).fetch_all()).await;
    is_late(db.timeout(BRIEF).insert(note("second"))).await;
    drop(tx);
    assert_eq!(db.get(first.pk).timeout(LONG).await.unwrap(), Some(first));
}

#[tokio::test]
async fn a_transaction_goes_on_after_a_call_that_was_late() {
    let (_folder, db) = open().await;
    db.execute_script(
        "CREATE TRIGGER slow AFTER INSERT ON notes WHEN new.text = 'slow' BEGIN
           SELECT count(*) FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 1000000)
                                 SELECT i FROM n);
         END",
    )
    .await
    .unwrap();
    let tx = db.begin().await.unwrap();
    tx.insert(note("before")).await.unwrap();
    is_late(tx.query::<i64>(ENDLESS).timeout(BRIEF).fetch_one()).await;
    is_late(tx.timeout(BRIEF).insert(note("slow"))).await;
    is_late(tx.timeout(BRIEF).bulk_insert([note("one"), note("slow")])).await;
    is_late(tx.execute("INSERT INTO notes (text, number) VALUES ('slow', 1)").timeout(BRIEF)).await;
    is_late(tx.execute_script("DELETE FROM notes; INSERT INTO notes (text, number) VALUES ('slow', 1)").timeout(BRIEF))
        .await;
    tx.insert(note("after")).await.unwrap();
    tx.commit().await.unwrap();
    let texts = db.select::<Note>().only(|n| n.text).order(|n| n.pk.asc()).fetch_all().await.unwrap();
    assert_eq!(texts, ["before", "after"]);
}

/// Whenever it is stopped, a call says whether it was done.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_late_was_not_done_and_what_was_done_is_not_late() {
    const ROWS: i64 = 3000;
    let (_folder, db) = open().await;
    let fill = format!(
        "INSERT INTO notes (text, number)
         SELECT 'x', 1 FROM (WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT {ROWS}) SELECT i FROM n)"
    );
    let (mut done, mut late, mut expected) = (0, 0, 0);
    for round in 0..160_u64 {
        let time = Duration::from_micros(150 * (round / 4 % 40));
        let ended = match round % 4 {
            0 => db.execute(&fill).timeout(time).await.map(drop),
            1 => db.execute_script(&fill).timeout(time).await,
            2 => db.timeout(time).bulk_insert((0..ROWS).map(|_| note("x"))).await.map(drop),
            _ => {
                let tx = db.begin().await.unwrap();
                let ended = tx.execute(&fill).timeout(time).await.map(drop);
                tx.commit().await.unwrap();
                ended
            }
        };
        match ended {
            Ok(()) => (done, expected) = (done + 1, expected + ROWS),
            Err(Error::Timeout { .. }) => late += 1,
            Err(other) => panic!("{other:?}"),
        }
        let found = db.select::<Note>().count().await.unwrap();
        assert_eq!(found, expected.unsigned_abs(), "round {round}: {ended:?} within {time:?}");
    }
    assert!(done > 0 && late > 0, "{done} were done and {late} late");
}
