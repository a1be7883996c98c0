//! SQL that runs on every connection when it is opened.

use std::path::{Path, PathBuf};

use sqliter::prelude::*;
use sqliter::{CacheOptions, DbOptions, Error, sqlx};

/// Its table is in the attached database alone.
#[derive(Debug, Clone, PartialEq, Model)]
struct Letter {
    pk: Key<Letter>,
    text: String,
}

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn with_archive(folder: &Path) -> (DbOptions, PathBuf) {
    let archive = folder.join("archive.db");
    let other = rusqlite::Connection::open(&archive).unwrap();
    other.execute_batch("CREATE TABLE letters (pk INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT").unwrap();
    let attach = format!("ATTACH '{}' AS archive", archive.display());
    (Db::options().path(folder.join("a.db")).max_readers(2).on_connect(attach), archive)
}

#[tokio::test]
async fn sql_for_new_connections_runs_on_every_one_of_them() {
    let folder = folder();
    let other = folder.path().join("other.db");
    let attach = format!("ATTACH '{}' AS other; PRAGMA cache_size = 77", other.display());
    let options = Db::options().path(folder.path().join("a.db")).on_connect(attach).on_connect("PRAGMA temp_store = 2");
    let db = options.max_readers(3).cache(CacheOptions::default()).open().await.unwrap();
    db.execute("CREATE TABLE other.notes (text TEXT)").await.unwrap();
    db.execute("INSERT INTO other.notes VALUES ('a')").await.unwrap();
    let count = "SELECT COUNT(*) FROM other.notes";
    assert_eq!(sqlx::query_scalar::<_, i64>(count).fetch_one(&db.pool()).await.unwrap(), 1);
    let tx = db.begin().await.unwrap();
    assert_eq!(tx.query::<i64>(count).fetch_required().await.unwrap(), 1);
    tx.commit().await.unwrap();
    for _ in 0..3 {
        assert_eq!(db.query::<i64>(count).fetch_required().await.unwrap(), 1);
    }
    assert_eq!(db.query::<i64>("PRAGMA cache_size").fetch_required().await.unwrap(), 77);
    assert_eq!(db.query::<i64>("PRAGMA temp_store").fetch_required().await.unwrap(), 2);
    assert_eq!(db.open_options().get_on_connect().len(), 2);
}

#[tokio::test]
async fn sql_for_new_connections_that_fails_is_named() {
    let folder = folder();
    for sql in ["PRAGMA", "SELECT nonsense", "ATTACH '/no/such/folder/a.db' AS x", "SELECT 1 \0"] {
        let error = Db::options().path(folder.path().join("a.db")).on_connect(sql).open().await.unwrap_err();
        let Error::Connection { reason, .. } = &error else { panic!("{error:?}") };
        assert!(reason.starts_with("the SQL of `on_connect` failed") && reason.ends_with(sql), "{reason}");
    }
}

#[tokio::test]
async fn a_commit_to_an_attached_database_is_never_missed() {
    for mode in ["WAL", "DELETE"] {
        let folder = folder();
        let (options, archive) = with_archive(folder.path());
        let db = options.cache(CacheOptions::default()).open().await.unwrap();
        let other = rusqlite::Connection::open(archive).unwrap();
        other.execute_batch(&format!("PRAGMA journal_mode = {mode}")).unwrap();
        for expected in 1..50 {
            other.execute("INSERT INTO letters (text) VALUES ('x')", []).unwrap();
            // Again and again at once.
            for _ in 0..3 {
                assert_eq!(db.select::<Letter>().fetch_all().await.unwrap().len(), expected);
                assert_eq!(db.select::<Letter>().count().await.unwrap(), expected as u64);
                assert!(db.get(Letter::key(expected as i64)).await.unwrap().is_some());
            }
        }
        assert_eq!(db.cache_stats().entries, 0);
        db.close().await.unwrap();
        assert_eq!(db.select::<Letter>().count().await.unwrap(), 49);
    }
}

#[tokio::test]
async fn sql_for_new_connections_may_not_leave_a_transaction_open() {
    let folder = folder();
    let path = folder.path().join("a.db");
    for sql in ["BEGIN", "SAVEPOINT a", "PRAGMA cache_size = 5; BEGIN IMMEDIATE; CREATE TABLE notes (text TEXT)"] {
        let error = Db::options().path(&path).on_connect(sql).open().await.unwrap_err();
        let Error::Connection { reason, .. } = &error else { panic!("{error:?}") };
        let expected = "the SQL of `on_connect` failed: it leaves a transaction open; end it with COMMIT";
        assert_eq!(*reason, format!("{expected}: {sql}"));
    }
    // No lock is left.
    let whole = "BEGIN; CREATE TABLE IF NOT EXISTS notes (text TEXT); COMMIT";
    let db = Db::options().path(&path).on_connect(whole).open().await.unwrap();
    assert_eq!(db.table_names().await.unwrap(), ["notes"]);
    assert_eq!(sqlx::query_scalar::<_, i64>("SELECT COUNT(*) FROM notes").fetch_one(&db.pool()).await.unwrap(), 0);
}
