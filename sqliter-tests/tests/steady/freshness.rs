//! Reads miss nothing that was committed, keep nothing locked when they are over, and the log stays short.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
struct Counter {
    pk: Key<Counter>,
    hits: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Page {
    pk: Key<Page>,
    text: String,
}

struct Fixture {
    db: Db,
    path: PathBuf,
    counter: Key<Counter>,
    _folder: tempfile::TempDir,
}

async fn fixture() -> Fixture {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let db = Db::open(&path).await.unwrap();
    db.create_tables::<(Counter, Page)>().await.unwrap();
    let counter = db.insert(Counter::builder().hits(0)).await.unwrap().pk;
    Fixture { db, path, counter, _folder: folder }
}

/// Many reads one after another.
async fn burst(db: &Db, counter: Key<Counter>) -> i64 {
    for _ in 0..20 {
        db.get(counter).await.unwrap();
    }
    db.get(counter).await.unwrap().unwrap().hits
}

/// Whether the log could be emptied, which no read may be in the way of.
fn truncates(connection: &rusqlite::Connection) -> bool {
    match connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0)) {
        Ok(busy) => busy == 0,
        // Somebody closes the last connection of another handle.
        Err(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy) => false,
        Err(error) => panic!("{error}"),
    }
}

/// Another connection, which waits for no lock.
fn other(path: &Path) -> rusqlite::Connection {
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.busy_timeout(Duration::ZERO).unwrap();
    connection
}

fn hit(connection: &rusqlite::Connection) {
    while let Err(error) = connection.execute("UPDATE counters SET hits = hits + 1", []) {
        assert_eq!(error.sqlite_error_code(), Some(rusqlite::ErrorCode::DatabaseBusy), "{error}");
    }
}

fn wal(path: &Path) -> u64 {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    std::fs::metadata(name).map_or(0, |file| file.len())
}

async fn within(limit: Duration, mut holds: impl FnMut() -> bool) -> bool {
    let began = Instant::now();
    while !holds() {
        if began.elapsed() > limit {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    true
}

#[tokio::test]
async fn a_read_that_is_over_locks_nothing() {
    let Fixture { db, path, counter, _folder } = fixture().await;
    let connection = other(&path);
    for _ in 0..200 {
        hit(&connection);
        burst(&db, counter).await;
        assert!(truncates(&connection), "a read is left open");
    }
}

#[tokio::test]
async fn each_commit_is_seen_by_the_next_read_whoever_makes_it() {
    let Fixture { db, path, counter, _folder } = fixture().await;
    let connection = other(&path);
    let handle = Db::open(&path).await.unwrap();
    let mut hits = 0;
    for _ in 0..50 {
        assert_eq!(burst(&db, counter).await, hits);
        hit(&connection);
        assert_eq!(burst(&db, counter).await, hits + 1, "by another connection");
        handle.select::<Counter>().update(|c| c.hits.add(1)).await.unwrap();
        assert_eq!(burst(&db, counter).await, hits + 2, "by another handle");
        db.select::<Counter>().update(|c| c.hits.add(1)).await.unwrap();
        assert_eq!(burst(&db, counter).await, hits + 3, "by the same handle");
        db.execute("UPDATE counters SET hits = hits + 1").await.unwrap();
        assert_eq!(burst(&db, counter).await, hits + 4, "by raw SQL");
        sqliter::sqlx::query("UPDATE counters SET hits = hits + 1").execute(&db.pool()).await.unwrap();
        assert_eq!(burst(&db, counter).await, hits + 5, "by the pool");
        hits += 5;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn reads_beside_commits_are_never_older_than_what_was_done() {
    const COMMITS: i64 = 2_000;
    let Fixture { db, path, counter, _folder } = fixture().await;
    let done = Arc::new(AtomicI64::new(0));
    let readers: Vec<_> = (0..4)
        .map(|reader| {
            let (db, done) = (db.clone(), Arc::clone(&done));
            tokio::spawn(async move {
                let mut reads = 0_u64;
                loop {
                    let least = done.load(Ordering::SeqCst);
                    let found = match reader {
                        0 => db.select::<Counter>().only(|c| c.hits).fetch_one().await.unwrap().unwrap(),
                        1 => db.query::<i64>("SELECT hits FROM counters").fetch_one().await.unwrap().unwrap(),
                        _ => db.get(counter).await.unwrap().unwrap().hits,
                    };
                    assert!(found >= least, "{found} after {least}");
                    reads += 1;
                    if least == COMMITS {
                        return reads;
                    }
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    let writer = std::thread::spawn(move || {
        let connection = other(&path);
        connection.execute_batch("PRAGMA synchronous = OFF").unwrap();
        for number in 1..=COMMITS {
            hit(&connection);
            done.store(number, Ordering::SeqCst);
        }
    });
    for reader in readers {
        assert!(reader.await.unwrap() > 0);
    }
    writer.join().unwrap();
}

#[tokio::test]
async fn a_write_and_many_reads_in_turn_leave_the_log_short() {
    let Fixture { db, path, counter, _folder } = fixture().await;
    for _ in 0..1_500 {
        db.insert(Page::builder().text("x".repeat(6_000))).await.unwrap();
        for _ in 0..4 {
            db.get(counter).await.unwrap();
        }
    }
    // All inserts together are 12 MB or more; SQLite moves the log into the database file from 4 MB on.
    assert!(wal(&path) < 6 << 20, "{} bytes", wal(&path));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reads_without_a_pause_leave_the_log_of_another_writer_short() {
    let Fixture { db, path, counter, _folder } = fixture().await;
    let at = path.clone();
    let writer = std::thread::spawn(move || {
        let connection = other(&at);
        connection.busy_timeout(Duration::from_secs(5)).unwrap();
        for _ in 0..4_000 {
            connection.execute("INSERT INTO pages (text) VALUES (?)", ["x".repeat(6_000)]).unwrap();
        }
    });
    while !writer.is_finished() {
        burst(&db, counter).await;
        tokio::task::yield_now().await;
    }
    writer.join().unwrap();
    // All inserts together are 32 MB or more.
    assert!(wal(&path) < 16 << 20, "{} bytes", wal(&path));
}

#[tokio::test]
async fn another_schema_is_seen_by_the_next_read() {
    let Fixture { db, path, counter, _folder } = fixture().await;
    let connection = other(&path);
    burst(&db, counter).await;
    connection.execute_batch("ALTER TABLE counters RENAME TO others").unwrap();
    let error = db.get(counter).await.unwrap_err();
    assert!(error.to_string().contains("no such table: counters"), "{error}");
    connection.execute_batch("ALTER TABLE others RENAME TO counters").unwrap();
    assert_eq!(burst(&db, counter).await, 0);
}

/// A statement that has run often is compiled anew by SQLite while it runs, and means something else in another table.
#[tokio::test]
async fn a_table_that_was_made_anew_is_read_as_it_is_by_statements_that_are_known() {
    let Fixture { db, path, _folder, .. } = fixture().await;
    let connection = other(&path);
    let texts = ["a page", "A PAGE", "another"];
    db.select::<Page>().delete().await.unwrap();
    db.bulk_insert(texts.map(|text| Page::builder().text(text))).await.unwrap();
    for round in 0..6 {
        for (collation, made) in [("NOCASE", "TEXT NOT NULL COLLATE NOCASE"), ("BINARY", "TEXT NOT NULL")] {
            let find = || db.select::<Page>().filter(|p| p.text.eq("a page"));
            for _ in 0..3 {
                assert_eq!(find().fetch_all().await.unwrap().len(), 1, "{round}, before {collation}");
                assert_eq!(find().count().await.unwrap(), 1);
            }
            let again = format!(
                "BEGIN IMMEDIATE; ALTER TABLE pages RENAME TO old_pages; \
                 CREATE TABLE pages (pk INTEGER PRIMARY KEY, text {made}); \
                 INSERT INTO pages SELECT * FROM old_pages; DROP TABLE old_pages; COMMIT"
            );
            connection.execute_batch(&again).unwrap();
            match round % 3 {
                0 => assert_eq!(find().fetch_all().await.unwrap().len(), 1, "{round}, {collation}"),
                1 => assert_eq!(find().count().await.unwrap(), 1, "{round}, {collation}"),
                _ => {
                    let snapshot = db.begin_read().await.unwrap();
                    let found = snapshot.select::<Page>().filter(|p| p.text.eq("a page")).fetch_all().await.unwrap();
                    assert_eq!(found.len(), 1, "{round}, {collation}");
                }
            }
            let changed = find().update(|p| p.text.set("a page")).await.unwrap();
            assert_eq!(changed, 1, "{round}, {collation}");
        }
    }
    let order = db.select::<Page>().order(|p| p.pk.asc()).only(|p| p.text).fetch_all().await.unwrap();
    assert_eq!(order, texts);
}

#[tokio::test]
async fn pragmas_that_need_to_be_alone_run_between_reads() {
    let Fixture { db, counter, _folder, .. } = fixture().await;
    for _ in 0..20 {
        db.insert(Page::builder().text("a page")).await.unwrap();
        burst(&db, counter).await;
        let done = db.query::<(i64, i64, i64)>("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one().await.unwrap();
        assert_eq!(done, Some((0, 0, 0)));
        burst(&db, counter).await;
        db.execute("VACUUM").await.unwrap();
    }
}

#[tokio::test]
async fn closing_and_dropping_need_no_pause_after_reads() {
    let Fixture { db, path, counter, _folder } = fixture().await;
    burst(&db, counter).await;
    db.close().await.unwrap();
    assert_eq!(wal(&path), 0, "the last connection that closes empties the log");
    assert_eq!(burst(&db, counter).await, 0);
    drop(db);
    let connection = other(&path);
    assert!(within(Duration::from_secs(5), || truncates(&connection)).await);
}

/// A task that reads without a pause always stops in front of a read, when Tokio wants it to let others run.
#[test]
fn a_task_that_nobody_drives_any_more_locks_nothing() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let Fixture { db, path, counter, _folder } = runtime.block_on(fixture());
    let connection = other(&path);
    hit(&connection);
    runtime.spawn(async move {
        loop {
            db.get(counter).await.unwrap();
        }
    });
    runtime.block_on(async { tokio::time::sleep(Duration::from_millis(5)).await });
    let began = Instant::now();
    while !truncates(&connection) {
        assert!(began.elapsed() < Duration::from_secs(5), "a read is left open");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reads_without_a_pause_do_not_keep_others_from_emptying_the_log() {
    let Fixture { db, path, counter, _folder } = fixture().await;
    let emptied = tokio::task::spawn_blocking(move || {
        let connection = other(&path);
        connection.busy_timeout(Duration::from_secs(5)).unwrap();
        (0..60).all(|_| {
            hit(&connection);
            truncates(&connection)
        })
    });
    while !emptied.is_finished() {
        burst(&db, counter).await;
        db.select::<Page>().filter(|p| p.text.contains("nothing")).fetch_all().await.unwrap();
        tokio::task::yield_now().await;
    }
    assert!(emptied.await.unwrap(), "the log could not be emptied within the time for locks");
}

/// `ANALYZE` by way of a table-valued function, which SQLite takes for a statement that only reads.
#[tokio::test]
async fn what_a_select_writes_is_committed_at_once() {
    let Fixture { db, path, counter, _folder } = fixture().await;
    let optimize = || db.query::<String>("SELECT * FROM pragma_optimize(0x10002)").fetch_all();
    for _ in 0..20 {
        optimize().await.unwrap();
    }
    db.execute("DROP TABLE IF EXISTS sqlite_stat1").await.unwrap();
    db.execute("CREATE INDEX by_text ON pages (text)").await.unwrap();
    db.bulk_insert((0..2_000).map(|number| Page::builder().text(number.to_string()))).await.unwrap();
    let connection = other(&path);
    let analyzed = "SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_stat1'";
    let analyzed = || connection.query_row(analyzed, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(analyzed(), 0);
    burst(&db, counter).await;
    optimize().await.unwrap();
    assert_eq!(analyzed(), 1);
}
