//! A file that only this process uses.
#![cfg(target_os = "linux")]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sqliter::prelude::*;
use sqliter::{CacheOptions, DbOptions, Error, Operation};

use crate::load::{self, Process};

#[derive(Debug, Clone, PartialEq, Model)]
struct Note {
    pk: Key<Note>,
    text: String,
}

const LIMIT: Duration = Duration::from_millis(200);

fn options(path: &Path) -> DbOptions {
    Db::options().path(path).exclusive(true).busy_timeout(LIMIT)
}

async fn open(path: &Path) -> Db {
    let db = options(path).open().await.unwrap();
    db.create_table::<Note>().await.unwrap();
    db
}

async fn write(db: &Db, rows: usize) {
    for i in 0..rows {
        db.insert(Note::builder().text(format!("{i:0>200}"))).await.unwrap();
    }
}

const ROLE: &str = "SQLITER_EXCLUSIVE_ROLE";
const FILE: &str = "SQLITER_EXCLUSIVE_FILE";

/// Not a test of its own: what the other process does.
#[test]
fn the_other_process() {
    let (Ok(role), Some(path)) = (std::env::var(ROLE), std::env::var_os(FILE)) else { return };
    let path = PathBuf::from(path);
    let say = |words: &str| println!("says {words}");
    let opened = || {
        let other = rusqlite::Connection::open(&path).unwrap();
        other.busy_timeout(Duration::from_millis(50)).unwrap();
        other
    };
    let told = |result: rusqlite::Result<()>| match result {
        Ok(()) => "done".to_owned(),
        Err(error) => error.to_string(),
    };
    match role.as_str() {
        "reads" => say(&told(opened().query_row("SELECT COUNT(*) FROM notes", [], |_| Ok(())))),
        "writes" => {
            let other = opened();
            let rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300) \
                        INSERT INTO notes (text) SELECT hex(randomblob(100)) FROM n";
            let written = told(other.execute_batch(rows));
            let _ = other.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
            say(&written);
        }
        "opens" => {
            let opened = load::one_thread().block_on(Db::options().path(&path).busy_timeout(LIMIT).open());
            say(&opened.map_or_else(|error| error.to_string(), |_| "done".to_owned()));
        }
        "holds" | "holds exclusively" => {
            let _other;
            let _db;
            if role == "holds" {
                _other = opened();
                _other.query_row("SELECT COUNT(*) FROM notes", [], |_| Ok(())).unwrap();
            } else {
                match load::one_thread().block_on(options(&path).open()) {
                    Ok(db) => _db = db,
                    Err(_) => return say("refused"),
                }
            }
            say("ready");
            // Until it is killed.
            std::thread::sleep(Duration::from_secs(60));
        }
        other => panic!("{other}"),
    }
}

/// Another process that does this with the file, and what it says.
fn process(role: &str, path: &Path) -> (Process, impl Iterator<Item = String>) {
    let mut process =
        Process::of_test(module_path!(), "the_other_process", &[(ROLE, role.as_ref()), (FILE, path.as_ref())]);
    let lines = BufReader::new(process.0.stdout.take().unwrap()).lines().map(Result::unwrap);
    (process, lines.filter_map(|line| line.split_once("says ").map(|(_, words)| words.to_owned())))
}

/// What another process is told that does this with the file.
fn said(role: &str, path: &Path) -> String {
    let (mut process, words) = process(role, path);
    let said: String = words.collect();
    process.0.wait().unwrap();
    said
}

#[tokio::test]
async fn another_process_may_not_use_the_file_until_it_is_closed() {
    let folder = load::folder();
    let path = folder.path().join("a.db");
    let db = open(&path).await;
    for round in 1..=3 {
        write(&db, 10).await;
        let pid = std::process::id();
        assert_eq!(said("reads", &path), "database is locked");
        assert_eq!(said("writes", &path), "database is locked");
        let opened = said("opens", &path);
        assert!(
            opened.contains("the database stayed locked for 200ms") && opened.contains(&pid.to_string()),
            "{opened}"
        );
        assert_eq!(said("holds exclusively", &path), "refused");
        assert!(!folder.path().join("a.db-shm").exists());
        db.close().await.unwrap();
        assert_eq!(said("reads", &path), "done");
        assert_eq!(said("writes", &path), "done");
        // What the other has written is there, and the file is held again.
        assert_eq!(db.select::<Note>().count().await.unwrap(), 310 * round);
    }
    db.close().await.unwrap();
    load::assert_sound(&path);
}

/// To close any descriptor of the file drops all locks that SQLite has on it, without a word.
#[tokio::test]
async fn the_file_may_be_opened_and_closed_by_other_means_meanwhile() {
    let folder = load::folder();
    let path = folder.path().join("a.db");
    let db = open(&path).await;
    write(&db, 300).await;
    for round in 1..=3 {
        drop(std::fs::File::open(&path).unwrap());
        std::fs::copy(&path, folder.path().join("copy.db")).unwrap();
        assert_eq!(said("writes", &path), "database is locked");
        write(&db, 300).await;
        assert_eq!(said("writes", &path), "database is locked");
        assert_eq!(db.select::<Note>().count().await.unwrap(), 300 + 300 * round);
    }
    db.close().await.unwrap();
    load::assert_sound(&path);
    assert_eq!(db.select::<Note>().count().await.unwrap(), 1_200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pool_and_the_cache_use_it_in_the_same_way() {
    let folder = load::folder();
    let path = folder.path().join("a.db");
    let db = options(&path).cache(CacheOptions::default()).max_readers(3).open().await.unwrap();
    db.create_table::<Note>().await.unwrap();
    let key = db.insert(Note::builder().text("0")).await.unwrap().pk;
    for round in 1..=50 {
        let text = round.to_string();
        let sql = "UPDATE notes SET text = ? WHERE pk = 1";
        sqlx::query(sql).bind(&text).execute(&db.pool()).await.unwrap();
        assert_eq!(db.get(key).await.unwrap().unwrap().text, text);
        assert_eq!(db.get(key).await.unwrap().unwrap().text, text);
        let own = format!("own {round}");
        db.select::<Note>().update(|n| n.text.set(own.as_str())).await.unwrap();
        assert_eq!(db.get(key).await.unwrap().unwrap().text, own);
        let read = sqlx::query_scalar::<_, String>("SELECT text FROM notes").fetch_one(&db.pool()).await.unwrap();
        assert_eq!(read, own);
    }
    assert!(db.cache_stats().hits >= 50);
    let is_exclusive = "SELECT is_exclusive()";
    assert!(sqlx::query_scalar::<_, bool>(is_exclusive).fetch_one(&db.pool()).await.unwrap());
    assert!(db.query::<bool>(is_exclusive).fetch_required().await.unwrap());
    // Readers go on beside a transaction, and beside each other.
    let tx = db.begin().await.unwrap();
    tx.insert(Note::builder().text("inside")).await.unwrap();
    let reading: Vec<_> = (0..6)
        .map(|_| {
            let db = db.clone();
            tokio::spawn(async move { db.select::<Note>().bypass_cache().fetch_all().await.unwrap().len() })
        })
        .collect();
    for read in reading {
        assert_eq!(read.await.unwrap(), 1);
    }
    tx.commit().await.unwrap();
    assert_eq!(said("reads", &path), "database is locked");
    assert!(!folder.path().join("a.db-shm").exists());
}

#[tokio::test]
async fn a_dropped_database_gives_the_file_back_after_its_last_connection() {
    let folder = load::folder();
    let path = folder.path().join("a.db");
    for _ in 0..5 {
        let db = open(&path).await;
        write(&db, 1).await;
        let pool = db.pool();
        let mut connection = pool.acquire().await.unwrap();
        sqlx::query("UPDATE notes SET text = 'pool'").execute(&mut *connection).await.unwrap();
        drop(db);
        tokio::time::sleep(Duration::from_millis(50)).await;
        // The pool is as good a user of the file as the database.
        assert_eq!(said("reads", &path), "database is locked");
        sqlx::query("UPDATE notes SET text = 'still'").execute(&mut *connection).await.unwrap();
        // And so is a connection that the program has taken out of it.
        let mut own = connection.detach();
        drop(pool);
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(said("writes", &path), "database is locked");
        sqlx::query("UPDATE notes SET text = 'own'").execute(&mut own).await.unwrap();
        drop(own);
        let begun = Instant::now();
        while said("reads", &path) != "done" {
            assert!(begun.elapsed() < Duration::from_secs(5), "the file is still locked");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
    load::assert_sound(&path);
}

#[tokio::test]
async fn the_error_says_which_process_has_the_file_open() {
    let folder = load::folder();
    let path = folder.path().join("a.db");
    let db = open(&path).await;
    write(&db, 1).await;
    db.close().await.unwrap();
    for role in ["holds", "holds exclusively"] {
        let (other, mut words) = process(role, &path);
        assert_eq!(words.next().as_deref(), Some("ready"));
        let begun = Instant::now();
        let error = options(&path).open().await.unwrap_err();
        assert!(
            begun.elapsed() >= LIMIT && begun.elapsed() < LIMIT + Duration::from_secs(10),
            "{role}: {:?}",
            begun.elapsed()
        );
        let Error::Busy { operation: Operation::Open, table, .. } = &error else { panic!("{error:?}") };
        assert_eq!(table, path.to_str().unwrap());
        let pid = format!("process {} (", other.0.id());
        assert!(error.to_string().contains(&pid) && error.to_string().contains("has it open"), "{role}: {error}");
        // It waits, as a process that ends may need a moment.
        let waiting = tokio::spawn(options(&path).busy_timeout(Duration::from_secs(20)).open());
        tokio::time::sleep(Duration::from_millis(100)).await;
        drop(other);
        waiting.await.unwrap().unwrap().close().await.unwrap();
    }
}

#[tokio::test]
async fn all_databases_of_a_program_on_one_file_are_exclusive_or_none_is() {
    let folder = load::folder();
    let path = folder.path().join("a.db");
    let link = folder.path().join("link.db");
    let first = open(&path).await;
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let second = open(&link).await;
    write(&first, 1).await;
    write(&second, 1).await;
    for path in [&path, &link] {
        let error = Db::options().path(path).busy_timeout(LIMIT).open().await.unwrap_err();
        assert!(matches!(&error, Error::Busy { operation: Operation::Open, .. }), "{error:?}");
        assert!(error.to_string().contains("this program has it open with `exclusive` too"), "{error}");
    }
    first.close().await.unwrap();
    assert_eq!(said("reads", &path), "database is locked");
    assert_eq!(second.select::<Note>().count().await.unwrap(), 2);
    second.close().await.unwrap();
    // The other way round; a pool that outlives its database counts too.
    let plain = Db::options().path(&path).open().await.unwrap();
    let pool = plain.pool();
    assert_eq!(sqlx::query_scalar::<_, i64>("SELECT COUNT(*) FROM notes").fetch_one(&pool).await.unwrap(), 2);
    let mut plain = Some(plain);
    for _ in 0..2 {
        let error = options(&link).open().await.unwrap_err();
        assert!(error.to_string().contains("this program has it open without `exclusive` too"), "{error}");
        drop(plain.take());
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    pool.close().await;
    drop(pool);
    let db = options(&path).busy_timeout(Duration::from_secs(5)).open().await.unwrap();
    assert_eq!(db.select::<Note>().count().await.unwrap(), 2);
    // After closing, either may come first.
    db.close().await.unwrap();
    let plain = Db::open(&path).await.unwrap();
    let error = db.select::<Note>().count().await.unwrap_err();
    assert!(error.to_string().contains("this program has it open without `exclusive` too"), "{error}");
    plain.close().await.unwrap();
    assert_eq!(db.select::<Note>().count().await.unwrap(), 2);
}

#[tokio::test]
async fn what_cannot_be_exclusive_is_told_so() {
    let error = Db::options().exclusive(true).open().await.unwrap_err();
    let Error::Connection { path, reason, .. } = &error else { panic!("{error:?}") };
    assert_eq!(path, ":memory:");
    assert_eq!(reason, "a database in memory is used by this program only: leave `exclusive` out");
    let folder = load::folder();
    let missing = folder.path().join("missing/a.db");
    let error = options(&missing).open().await.unwrap_err();
    assert!(error.to_string().contains("missing does not exist"), "{error}");
    let error = options(folder.path()).open().await.unwrap_err();
    assert!(error.to_string().ends_with("it is a folder"), "{error}");
    let text = folder.path().join("text");
    std::fs::write(&text, "no database at all".repeat(100)).unwrap();
    let error = options(&text).open().await.unwrap_err();
    assert!(error.to_string().ends_with("the file is not an SQLite database"), "{error}");
    let other = folder.path().join("other.db");
    let attach = format!("ATTACH '{}' AS other", other.display());
    let error = options(&folder.path().join("a.db")).on_connect(attach).open().await.unwrap_err();
    assert!(error.to_string().contains("no other file can be attached"), "{error}");
    options(&folder.path().join("a.db")).on_connect("ATTACH ':memory:' AS other").open().await.unwrap();
}
