//! Opening a file that another program is using: it waits, as any statement does, and keeps no thread of the runtime.

use std::future::Future;
use std::path::Path;
use std::pin::pin;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use sqliter::prelude::*;
use sqliter::{CacheOptions, Error, Operation};

#[derive(Debug, Clone, PartialEq, Model)]
struct Note {
    pk: Key<Note>,
    text: String,
}

/// What another program may do with a file that has no log.
const TRANSACTIONS: [&str; 3] =
    ["BEGIN IMMEDIATE; INSERT INTO letters VALUES (1)", "BEGIN; SELECT * FROM letters", "BEGIN EXCLUSIVE"];

/// Another program opens the file, takes its log away, and has a transaction open for that long.
fn other_program(path: &Path, transaction: &str, time: Duration) -> JoinHandle<()> {
    let other = rusqlite::Connection::open(path).unwrap();
    let mode: String = other.query_row("PRAGMA journal_mode = DELETE", [], |row| row.get(0)).unwrap();
    assert_eq!(mode, "delete");
    other.execute_batch("CREATE TABLE IF NOT EXISTS letters (a); INSERT INTO letters VALUES (0)").unwrap();
    other.execute_batch(transaction).unwrap();
    std::thread::spawn(move || {
        std::thread::sleep(time);
        other.execute_batch("COMMIT").unwrap();
    })
}

/// The result of the work, how long it took, and the longest time for which it kept all other tasks waiting.
async fn beside_a_heartbeat<T>(work: impl Future<Output = T>) -> (T, Duration, Duration) {
    let mut work = pin!(work);
    let begun = Instant::now();
    let (mut last, mut longest) = (begun, Duration::ZERO);
    loop {
        let turn = tokio::select! {
            done = &mut work => Some(done),
            () = tokio::time::sleep(Duration::from_millis(1)) => None,
        };
        longest = longest.max(last.elapsed());
        last = Instant::now();
        if let Some(done) = turn {
            return (done, begun.elapsed(), longest);
        }
    }
}

const HELD: Duration = Duration::from_millis(300);

/// Far less than what the lock is held for, and far more than what opening takes.
const GAP: Duration = Duration::from_millis(150);

#[tokio::test]
async fn opening_waits_for_the_transaction_of_another_program() {
    for transaction in TRANSACTIONS {
        for cached in [false, true] {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("a.db");
            let other = other_program(&path, transaction, HELD);
            let mut options = Db::options().path(&path);
            if cached {
                options = options.cache(CacheOptions::default());
            }
            let (opened, time, gap) = beside_a_heartbeat(options.open()).await;
            let db = opened.unwrap_or_else(|error| panic!("{transaction}: {error}"));
            other.join().unwrap();
            assert!(time >= HELD - Duration::from_millis(50), "{transaction}: {time:?}");
            assert!(gap < GAP, "{transaction}: the runtime stood still for {gap:?}");
            db.create_table::<Note>().await.unwrap();
            let note = db.insert(Note::builder().text("x")).await.unwrap();
            assert_eq!(db.get(note.pk).await.unwrap(), Some(note));
            let mode = db.query::<String>("PRAGMA journal_mode").fetch_required().await.unwrap();
            assert_eq!(mode, "wal");
            db.close().await.unwrap();
        }
    }
}

#[tokio::test]
async fn opening_anew_after_closing_waits_too() {
    for transaction in TRANSACTIONS {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let db = Db::options().path(&path).cache(CacheOptions::default()).open().await.unwrap();
        db.create_table::<Note>().await.unwrap();
        let note = db.insert(Note::builder().text("x")).await.unwrap();
        for round in 0..4 {
            db.close().await.unwrap();
            let other = other_program(&path, transaction, HELD);
            let work = async {
                match round {
                    0 => assert_eq!(db.get(note.pk).await.unwrap(), Some(note.clone())),
                    1 => assert_eq!(db.select::<Note>().count().await.unwrap(), 1),
                    2 => db.update(&mut note.clone()).await.unwrap(),
                    _ => {
                        let counted =
                            sqlx::query_scalar::<_, i64>("SELECT COUNT(*) FROM notes").fetch_one(&db.pool()).await;
                        assert_eq!(counted.unwrap(), 1);
                    }
                }
            };
            let ((), time, gap) = beside_a_heartbeat(work).await;
            other.join().unwrap();
            assert!(time >= HELD - Duration::from_millis(50), "{transaction}, {round}: {time:?}");
            assert!(gap < GAP, "{transaction}, {round}: the runtime stood still for {gap:?}");
        }
        db.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_file_that_stays_locked_is_busy() {
    const LIMIT: Duration = Duration::from_millis(200);
    const LOCKED: Duration = Duration::from_secs(3);
    for transaction in TRANSACTIONS {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let other = other_program(&path, transaction, LOCKED);
        let (opened, time, _) = beside_a_heartbeat(Db::options().path(&path).busy_timeout(LIMIT).open()).await;
        let error = opened.unwrap_err();
        let Error::Busy { operation: Operation::Open, table, limit, source } = &error else { panic!("{error:?}") };
        assert_eq!((table.as_str(), *limit, source.primary_code()), (path.to_str().unwrap(), LIMIT, 5));
        assert_eq!(
            error.to_string(),
            format!("cannot open {table}: the database stayed locked for 200ms (database is locked)")
        );
        assert!(time >= LIMIT - Duration::from_millis(50) && time < LOCKED, "{transaction}: {time:?}");
        other.join().unwrap();
    }
}

#[tokio::test]
async fn sql_for_new_connections_waits_too() {
    let folder = tempfile::tempdir().unwrap();
    let (path, archive) = (folder.path().join("a.db"), folder.path().join("archive.db"));
    let other = other_program(&archive, "BEGIN EXCLUSIVE", HELD);
    let sql = format!("ATTACH '{}' AS archive; SELECT COUNT(*) FROM archive.letters", archive.display());
    let (opened, time, gap) = beside_a_heartbeat(Db::options().path(&path).on_connect(&sql).open()).await;
    let db = opened.unwrap();
    other.join().unwrap();
    assert!(time >= HELD - Duration::from_millis(50), "{time:?}");
    assert!(gap < GAP, "the runtime stood still for {gap:?}");
    db.close().await.unwrap();
    let other = other_program(&archive, "BEGIN EXCLUSIVE", HELD);
    let short = Duration::from_millis(50);
    let error = Db::options().path(&path).on_connect(&sql).busy_timeout(short).open().await.unwrap_err();
    assert!(matches!(&error, Error::Busy { operation: Operation::Open, .. }), "{error:?}");
    other.join().unwrap();
}

/// Many programs that open a new file at the same time all want to give it its log.
#[tokio::test(flavor = "multi_thread")]
async fn many_that_open_a_new_file_at_once_all_open_it() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..5 {
        let path = folder.path().join(format!("{round}.db"));
        let opening: Vec<_> = (0..8).map(|_| tokio::spawn(Db::open(path.clone()))).collect();
        for opened in opening {
            opened.await.unwrap().unwrap();
        }
    }
}

/// A program that died in the middle of a transaction has left the journal that undoes it.
#[tokio::test]
async fn a_journal_that_was_left_is_rolled_back_beside_others() {
    let folder = tempfile::tempdir().unwrap();
    let (alive, dead) = (folder.path().join("alive.db"), folder.path().join("dead.db"));
    let other = rusqlite::Connection::open(&alive).unwrap();
    other
        .execute_batch("PRAGMA cache_size = 5; CREATE TABLE letters (a); INSERT INTO letters VALUES ('whole')")
        .unwrap();
    other.execute_batch("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO letters SELECT hex(randomblob(50)) FROM n").unwrap();
    other.execute_batch("BEGIN; UPDATE letters SET a = 'half'").unwrap();
    std::fs::copy(&alive, &dead).unwrap();
    std::fs::copy(folder.path().join("alive.db-journal"), folder.path().join("dead.db-journal")).unwrap();
    let opening: Vec<_> = (0..4).map(|_| tokio::spawn(Db::open(dead.clone()))).collect();
    for opened in opening {
        let db = opened.await.unwrap().unwrap();
        let counts = "SELECT COUNT(*), SUM(a = 'half'), SUM(a = 'whole') FROM letters";
        let counts = db.query::<(i64, i64, i64)>(counts).fetch_required().await.unwrap();
        assert_eq!(counts, (5_001, 0, 1));
    }
}
