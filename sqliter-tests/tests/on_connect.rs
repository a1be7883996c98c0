//! Statements that run on every connection when it is opened.

use std::path::{Path, PathBuf};

use sqliter::prelude::*;
use sqliter::{CacheOptions, DbOptions, Error, sqlx};

#[derive(Debug, Clone, PartialEq, Model)]
struct Book {
    pk: Key<Book>,
    title: String,
}

/// Its table is in the attached database alone.
#[derive(Debug, Clone, PartialEq, Model)]
struct Letter {
    pk: Key<Letter>,
    text: String,
}

const LETTERS: &str = "CREATE TABLE letters (pk INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT";

fn with_archive(folder: &Path) -> (DbOptions, PathBuf) {
    let archive = folder.join("archive.db");
    rusqlite::Connection::open(&archive).unwrap().execute_batch(LETTERS).unwrap();
    let attach = format!("ATTACH '{}' AS archive", archive.display());
    (Db::options().path(folder.join("a.db")).max_readers(2).on_connect(attach), archive)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attached_database_is_there_on_every_connection() {
    let folder = tempfile::tempdir().unwrap();
    let (options, _) = with_archive(folder.path());
    let db = options.open().await.unwrap();
    db.create_table::<Book>().await.unwrap();
    let letter = db.insert(Letter::builder().text("x")).await.unwrap();
    db.execute("INSERT INTO archive.letters (text) VALUES ('y')").await.unwrap();
    let counts = (0..8).map(|_| {
        let db = db.clone();
        tokio::spawn(async move { db.query::<i64>("SELECT count(*) FROM archive.letters").fetch_required().await })
    });
    for count in counts {
        assert_eq!(count.await.unwrap().unwrap(), 2);
    }
    let pooled: i64 = sqlx::query_scalar("SELECT count(*) FROM archive.letters").fetch_one(&db.pool()).await.unwrap();
    assert_eq!(pooled, 2);
    // One transaction over both.
    let tx = db.begin().await.unwrap();
    tx.insert(Book::builder().title("a")).await.unwrap();
    tx.delete(&letter).await.unwrap();
    tx.rollback().await.unwrap();
    assert_eq!((db.select::<Book>().count().await.unwrap(), db.select::<Letter>().count().await.unwrap()), (0, 2));
    // After closing, the new connections have it too.
    db.close().await.unwrap();
    assert_eq!(db.select::<Letter>().count().await.unwrap(), 2);
}

#[tokio::test]
async fn a_commit_to_an_attached_database_is_never_missed() {
    let folder = tempfile::tempdir().unwrap();
    let (options, archive) = with_archive(folder.path());
    let db = options.cache(CacheOptions::default()).open().await.unwrap();
    let other = rusqlite::Connection::open(archive).unwrap();
    other.execute_batch("PRAGMA journal_mode = WAL").unwrap();
    for expected in 1..200 {
        other.execute("INSERT INTO letters (text) VALUES ('x')", []).unwrap();
        // Again and again at once, as a reader would keep its snapshot then.
        for _ in 0..3 {
            assert_eq!(db.select::<Letter>().fetch_all().await.unwrap().len(), expected);
            assert_eq!(db.select::<Letter>().count().await.unwrap(), expected as u64);
        }
    }
    assert_eq!(db.cache_stats().hits, 0);
}

#[tokio::test]
async fn several_statements_run_in_their_order_and_can_be_read() {
    let options =
        Db::options().on_connect("PRAGMA cache_size = -8000; SELECT 1;").on_connect("PRAGMA cache_size = -9000");
    assert_eq!(options.get_on_connect(), ["PRAGMA cache_size = -8000; SELECT 1;", "PRAGMA cache_size = -9000"]);
    let db = options.open().await.unwrap();
    assert_eq!(db.query::<i64>("PRAGMA cache_size").fetch_required().await.unwrap(), -9000);
    let pooled: i64 = sqlx::query_scalar("PRAGMA cache_size").fetch_one(&db.pool()).await.unwrap();
    assert_eq!(pooled, -9000);
}

#[tokio::test]
async fn what_fails_when_a_connection_opens_is_told_with_the_statement() {
    for (sql, word) in [
        ("FROBNICATE", "syntax error"),
        ("PRAGMA cache_size = 5; SELECT missing", "no such column: missing"),
        ("BEGIN", "it leaves a transaction open"),
        ("SELECT 1 \0", "NUL character"),
    ] {
        let error = Db::options().on_connect(sql).open().await.unwrap_err();
        let Error::Connection { path, reason, .. } = &error else { panic!("{error:?}") };
        assert_eq!(path, ":memory:");
        assert!(reason.starts_with(&format!("on_connect failed at `{sql}`: ")) && reason.contains(word), "{reason}");
    }
}
