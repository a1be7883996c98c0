//! The database handle: options, connections and their settings, closing, the pool of sqlx.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::folders::{files, folder, wait_until};
use sqliter::prelude::*;
use sqliter::{Error, sqlx};

#[derive(Debug, Clone, PartialEq, Model)]
struct Note {
    pk: Key<Note>,
    text: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Reply {
    pk: Key<Reply>,
    note_id: Key<Note>,
}

/// Whether no connection is open: leaving the write-ahead log needs the file alone. (The log itself may stay when
/// several connections close at the same moment, because each sees the others.)
fn is_released(path: &Path) -> bool {
    let raw = rusqlite::Connection::open(path).unwrap();
    raw.busy_timeout(Duration::ZERO).unwrap();
    raw.pragma_update_and_check(None, "journal_mode", "DELETE", |row| row.get::<_, String>(0)).is_ok()
}

async fn pragma(db: &Db, name: &str) -> String {
    sqlx::query_scalar::<_, String>(sqlx::AssertSqlSafe(format!("SELECT CAST({name} AS TEXT) FROM pragma_{name}")))
        .fetch_one(&db.pool())
        .await
        .unwrap()
}

#[test]
fn the_defaults_of_the_options_are_those_of_their_documentation() {
    let options = Db::options();
    assert_eq!(options.get_path(), None);
    assert!(!options.get_reset());
    assert!((2..=8).contains(&options.get_max_readers()));
    assert_eq!(options.get_pool_connections(), 4);
    assert_eq!(options.get_busy_timeout(), Duration::from_secs(5));
}

#[test]
fn options_keep_what_they_are_given_within_bounds() {
    let options = Db::options().path("a.db").reset().max_readers(3).pool_connections(7);
    let options = options.busy_timeout(Duration::from_millis(20));
    assert_eq!(options.get_path(), Some(Path::new("a.db")));
    assert!(options.get_reset());
    assert_eq!((options.get_max_readers(), options.get_pool_connections()), (3, 7));
    assert_eq!(options.get_busy_timeout(), Duration::from_millis(20));

    let options = options.max_readers(0).pool_connections(0).busy_timeout(Duration::MAX).memory();
    assert_eq!(options.get_path(), None);
    assert_eq!((options.get_max_readers(), options.get_pool_connections()), (1, 1));
    assert_eq!(options.get_busy_timeout(), Duration::from_millis(i32::MAX as u64));
}

#[tokio::test]
async fn a_database_tells_what_it_is() {
    let folder = folder();
    let path = folder.path().join("a.db");
    let db = Db::options().path(&path).max_readers(3).open().await.unwrap();
    assert_eq!(db.path(), Some(path.as_path()));
    assert!(!db.is_memory());
    assert!(!db.in_transaction());
    assert_eq!(db.open_options().get_max_readers(), 3);
    let tx = db.begin().await.unwrap();
    assert!(tx.in_transaction());
    assert!(!db.in_transaction());

    let memory = Db::memory().await.unwrap();
    assert_eq!(memory.path(), None);
    assert!(memory.is_memory());
}

#[tokio::test]
async fn the_memory_path_and_the_memory_option_mean_the_same() {
    let folder = folder();
    let by_path = Db::open(":memory:").await.unwrap();
    let by_option = Db::options().path(folder.path().join("a.db")).memory().open().await.unwrap();
    for db in [&by_path, &by_option] {
        assert!(db.is_memory());
        assert_eq!(db.path(), None);
        assert_eq!(db.open_options().get_path(), None);
    }
    assert!(files(folder.path()).is_empty());
    assert!(!Path::new(":memory:").exists());
}

#[tokio::test]
async fn memory_databases_are_separate_and_shared_by_clones() {
    let (a, b) = (Db::memory().await.unwrap(), Db::memory().await.unwrap());
    a.create_table::<Note>().await.unwrap();
    let clone = a.clone();
    clone.insert(Note::builder().text("x")).await.unwrap();
    drop(a);
    assert_eq!(clone.select::<Note>().count().await.unwrap(), 1);
    assert!(b.table_names().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_closed_memory_database_reopens_empty() {
    let db = Db::memory().await.unwrap();
    db.create_table::<Note>().await.unwrap();
    db.insert(Note::builder().text("x")).await.unwrap();
    let pool = db.pool();
    sqlx::query("SELECT 1").execute(&pool).await.unwrap();
    db.close().await.unwrap();
    let error = db.select::<Note>().fetch_all().await.unwrap_err();
    assert!(matches!(&error, Error::RecordFetch { table, .. } if table == "notes"), "{error:?}");
    assert!(error.to_string().contains("no such table: notes"), "{error}");
    db.create_table::<Note>().await.unwrap();
    assert_eq!(db.insert(Note::builder().text("y")).await.unwrap().pk, Note::key(1));
}

#[tokio::test]
async fn a_closed_file_reopens_with_its_rows() {
    let folder = folder();
    let db = Db::open(folder.path().join("a.db")).await.unwrap();
    db.create_table::<Note>().await.unwrap();
    db.insert(Note::builder().text("x")).await.unwrap();
    db.close().await.unwrap();
    assert_eq!(db.select::<Note>().only(|n| n.text).fetch_all().await.unwrap(), ["x"]);
}

#[tokio::test]
async fn closing_twice_does_nothing() {
    let folder = folder();
    for db in [Db::memory().await.unwrap(), Db::open(folder.path().join("a.db")).await.unwrap()] {
        db.close().await.unwrap();
        db.close().await.unwrap();
        assert!(!db.is_connected());
    }
}

#[tokio::test]
async fn a_database_tells_whether_it_is_connected() {
    let db = Db::memory().await.unwrap();
    assert!(db.is_connected());
    db.close().await.unwrap();
    assert!(!db.is_connected());
    db.table_names().await.unwrap();
    assert!(db.is_connected());
}

#[tokio::test]
async fn closing_inside_a_transaction_is_busy() {
    let folder = folder();
    for db in [Db::options(), Db::options().path(folder.path().join("a.db"))] {
        let db = db.busy_timeout(Duration::from_millis(50)).open().await.unwrap();
        db.create_table::<Note>().await.unwrap();
        let tx = db.begin().await.unwrap();
        tx.insert(Note::builder().text("kept")).await.unwrap();
        let error = db.close().await.unwrap_err();
        assert!(matches!(error, Error::Busy { limit, .. } if limit == Duration::from_millis(50)), "{error:?}");
        assert!(db.is_connected());
        tx.commit().await.unwrap();
        assert_eq!(db.select::<Note>().count().await.unwrap(), 1);
        db.close().await.unwrap();
    }
}

#[tokio::test]
async fn leaving_a_transaction_keeps_a_memory_database() {
    let db = Db::memory().await.unwrap();
    db.create_table::<Note>().await.unwrap();
    db.transaction(async |tx| tx.insert(Note::builder().text("x")).await).await.unwrap();
    assert!(db.is_connected());
    assert_eq!(db.select::<Note>().count().await.unwrap(), 1);
}

#[tokio::test]
async fn a_connection_of_the_pool_that_is_held_does_not_hang_close() {
    let db = Db::options().busy_timeout(Duration::from_millis(50)).open().await.unwrap();
    let held = db.pool().acquire().await.unwrap();
    let closed = tokio::time::timeout(Duration::from_secs(3), db.close()).await.expect("close hangs");
    assert!(matches!(closed, Err(Error::Busy { .. })), "{closed:?}");
    drop(held);
    db.close().await.unwrap();
    db.table_names().await.unwrap();
}

#[tokio::test]
async fn every_connection_enforces_foreign_keys() {
    let folder = folder();
    for options in [Db::options(), Db::options().path(folder.path().join("a.db"))] {
        let db = options.max_readers(3).open().await.unwrap();
        db.create_tables::<(Note, Reply)>().await.unwrap();
        let error = db.insert(Reply::builder().note_id(Note::key(9))).await.unwrap_err();
        assert!(matches!(error, Error::ForeignKeyViolation { .. }), "{error:?}");
        let mut held = Vec::new();
        for _ in 0..3 {
            let mut connection = db.pool().acquire().await.unwrap();
            let on: i64 = sqlx::query_scalar("PRAGMA foreign_keys").fetch_one(&mut *connection).await.unwrap();
            assert_eq!(on, 1);
            let inserted = sqlx::query("INSERT INTO replies (note_id) VALUES (9)").execute(&mut *connection).await;
            assert!(inserted.unwrap_err().to_string().contains("FOREIGN KEY constraint failed"));
            held.push(connection);
        }
    }
}

#[tokio::test]
async fn files_use_the_write_ahead_log_and_normal_synchronous() {
    let folder = folder();
    let db = Db::open(folder.path().join("a.db")).await.unwrap();
    db.create_table::<Note>().await.unwrap();
    assert_eq!(files(folder.path()), ["a.db", "a.db-shm", "a.db-wal"]);
    assert_eq!(pragma(&db, "journal_mode").await, "wal");
    assert_eq!(pragma(&db, "synchronous").await, "1");
    assert_eq!(pragma(&db, "foreign_keys").await, "1");
    let limit: i64 = sqlx::query_scalar("PRAGMA busy_timeout").fetch_one(&db.pool()).await.unwrap();
    assert_eq!(limit, 5000);
    db.close().await.unwrap();
    assert_eq!(files(folder.path()), ["a.db"]);
}

#[tokio::test]
async fn the_pool_sees_the_data_and_has_the_functions() {
    let folder = folder();
    for options in [Db::options(), Db::options().path(folder.path().join("a.db"))] {
        let db = options.open().await.unwrap();
        db.create_table::<Note>().await.unwrap();
        db.insert(Note::builder().text("Straße 12")).await.unwrap();
        let pool = db.pool();
        let folded: String = sqlx::query_scalar("SELECT fold_case(text) FROM notes WHERE text REGEXP '^S.*\\d+$'")
            .fetch_one(&pool)
            .await
            .unwrap();
        assert_eq!(folded, "strasse 12");
        sqlx::query("INSERT INTO notes (text) VALUES ('by sqlx')").execute(&pool).await.unwrap();
        assert_eq!(db.select::<Note>().filter(|n| n.text.eq("by sqlx")).count().await.unwrap(), 1);
        // As on the library's own connections, a misspelt column is no text.
        assert!(sqlx::query("SELECT \"nonsense\" FROM notes").fetch_all(&pool).await.is_err());
    }
}

#[tokio::test]
async fn the_pool_is_made_anew_after_closing() {
    let folder = folder();
    let db = Db::open(folder.path().join("a.db")).await.unwrap();
    db.create_table::<Note>().await.unwrap();
    let old = db.pool();
    db.close().await.unwrap();
    assert!(old.is_closed());
    let count: i64 = sqlx::query_scalar("SELECT count(*) FROM notes").fetch_one(&db.pool()).await.unwrap();
    assert_eq!(count, 0);
}

#[test]
fn a_database_is_clone_send_and_sync_and_small() {
    fn check<T: Clone + Send + Sync + 'static>() {}
    check::<Db>();
    check::<Session>();
    assert!(size_of::<Db>() <= 80, "{}", size_of::<Db>());
}

#[tokio::test]
async fn two_handles_on_one_file_see_each_other() {
    let folder = folder();
    let a = Db::open(folder.path().join("a.db")).await.unwrap();
    let b = Db::open(folder.path().join("a.db")).await.unwrap();
    a.create_table::<Note>().await.unwrap();
    b.insert(Note::builder().text("from b")).await.unwrap();
    assert_eq!(a.select::<Note>().only(|n| n.text).fetch_all().await.unwrap(), ["from b"]);
    let tx = a.begin().await.unwrap();
    tx.insert(Note::builder().text("from a")).await.unwrap();
    assert_eq!(b.select::<Note>().count().await.unwrap(), 1);
    tx.commit().await.unwrap();
    assert_eq!(b.select::<Note>().count().await.unwrap(), 2);
    // A table that one handle drops is gone for the statements that the other has prepared.
    a.drop_table::<Note>().await.unwrap();
    assert!(b.select::<Note>().count().await.is_err());
}

#[tokio::test]
async fn another_handle_that_holds_the_lock_is_busy() {
    let folder = folder();
    let a = Db::open(folder.path().join("a.db")).await.unwrap();
    let b = Db::options().path(folder.path().join("a.db")).busy_timeout(Duration::from_millis(100));
    let b = b.open().await.unwrap();
    a.create_table::<Note>().await.unwrap();
    let tx = a.begin().await.unwrap();
    let started = Instant::now();
    let error = b.insert(Note::builder().text("x")).await.unwrap_err();
    assert!(matches!(&error, Error::Busy { table, .. } if table == "notes"), "{error:?}");
    assert!((Duration::from_millis(80)..Duration::from_secs(10)).contains(&started.elapsed()));
    assert!(matches!(b.begin().await, Err(Error::Busy { .. })));
    drop(tx);
    b.insert(Note::builder().text("x")).await.unwrap();
}

#[test]
fn dropping_the_last_handle_outside_a_runtime_releases_the_file() {
    let folder = folder();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let db = runtime.block_on(async {
        let db = Db::open(folder.path().join("a.db")).await.unwrap();
        db.create_table::<Note>().await.unwrap();
        db.insert(Note::builder().text("x")).await.unwrap();
        db.select::<Note>().fetch_all().await.unwrap();
        sqlx::query("SELECT 1").execute(&db.pool()).await.unwrap();
        db
    });
    drop(runtime);
    let clone = db.clone();
    drop(db);
    assert!(files(folder.path()).contains(&"a.db-wal".to_owned()));
    drop(clone);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(wait_until(|| is_released(&folder.path().join("a.db"))));
}

#[tokio::test]
async fn dropping_all_handles_inside_a_runtime_releases_the_file() {
    let folder = folder();
    let db = Db::open(folder.path().join("a.db")).await.unwrap();
    db.create_table::<Note>().await.unwrap();
    let tx = db.begin().await.unwrap();
    tx.insert(Note::builder().text("x")).await.unwrap();
    drop(db);
    tx.insert(Note::builder().text("y")).await.unwrap();
    tx.commit().await.unwrap();
    wait_until(|| is_released(&folder.path().join("a.db"))).await;
    let db = Db::open(folder.path().join("a.db")).await.unwrap();
    assert_eq!(db.select::<Note>().count().await.unwrap(), 2);
}

#[test]
fn a_database_serves_several_runtimes() {
    let multi = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let db = multi.block_on(async {
        let db = Db::memory().await.unwrap();
        db.create_table::<Note>().await.unwrap();
        db.insert(Note::builder().text("one")).await.unwrap();
        db
    });
    drop(multi);
    let single = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let other = db.clone();
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            for _ in 0..50 {
                other.insert(Note::builder().text("thread")).await.unwrap();
            }
        });
    });
    single.block_on(async {
        for _ in 0..50 {
            db.insert(Note::builder().text("single")).await.unwrap();
        }
    });
    thread.join().unwrap();
    assert_eq!(single.block_on(db.select::<Note>().count()).unwrap(), 101);
    single.block_on(async { drop(db.pool().acquire().await.unwrap()) });
    single.block_on(db.close()).unwrap();
}

#[tokio::test]
async fn many_first_uses_at_once_are_one_database() {
    let db = Db::options().max_readers(4).open().await.unwrap();
    db.close().await.unwrap();
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let db = db.clone();
            tokio::spawn(async move { db.create_table::<Note>().await })
        })
        .collect();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(db.table_names().await.unwrap(), ["notes"]);
}
