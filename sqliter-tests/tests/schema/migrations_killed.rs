//! A process that is killed while it migrates, and a call that is dropped, leave the old schema with its rows or the new one,
//! and nothing between.
#![cfg(unix)]

use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Instant;

use sqliter::prelude::*;
use sqliter::testing::Template;
use sqliter::{Error, Migration, Migrations};
use sqliter_tests::process_of;

use crate::share::{count, folder, recorded, reversible, versions};

const ROWS: i64 = 20_000;

/// Tables with children that would go with a table that is dropped, a rebuild, rows that change, indexes, and a way back.
fn migrations() -> Migrations {
    let first = format!(
        "CREATE TABLE people (pk INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL);
        CREATE TABLE letters (pk INTEGER PRIMARY KEY, person_id INTEGER NOT NULL REFERENCES people ON DELETE CASCADE);
        WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT {ROWS})
            INSERT INTO people (name) SELECT 'person ' || x FROM n;
        INSERT INTO letters (person_id) SELECT pk FROM people;"
    );
    let rebuild = |columns: &str| {
        format!(
            "CREATE TABLE new_people ({columns});
            INSERT INTO new_people (pk, name) SELECT pk, name FROM people;
            DROP TABLE people;
            ALTER TABLE new_people RENAME TO people;"
        )
    };
    let up = rebuild("pk INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL CHECK (name <> ''), family TEXT")
        + "CREATE INDEX by_name ON people (name);";
    let down = rebuild("pk INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL");
    let files = reversible(&[
        (&first, "DROP TABLE letters; DROP TABLE people"),
        (&up, &down),
        ("UPDATE letters SET person_id = person_id % 10 + 1", "UPDATE letters SET person_id = pk"),
    ]);
    let fourth = Migration::rust(4, "in Rust", async |tx| {
        for pk in 1..=50 {
            tx.execute("UPDATE people SET family = 'of ' || name WHERE pk = ?").bind(pk).await?;
        }
        Ok(())
    });
    Migrations::from(&files).with(fourth.down(async |tx| tx.execute("UPDATE people SET family = NULL").await.map(drop)))
}

const FILE: &str = "SQLITER_MIGRATED_FILE";
const DOWN: &str = "SQLITER_MIGRATED_DOWN";

/// Migrates the file of the environment, in the process that is killed.
async fn migrate(path: &Path) {
    let db = Db::open(path).await.unwrap();
    println!("begins");
    let moved = match std::env::var_os(DOWN) {
        None => db.migrate(migrations()).backup_to(path.with_extension("copy")).await,
        Some(_) => db.undo_migrations(migrations()).to(1).await,
    };
    println!("moved {:?}", versions(&moved.unwrap()));
}

fn process(test: &str, path: &Path, down: bool) -> Child {
    let mut process = process_of(module_path!(), test);
    process.env(FILE, path).stdout(Stdio::piped());
    if down {
        process.env(DOWN, "1");
    }
    process.spawn().unwrap()
}

/// What tells the versions apart.
async fn reached(db: &Db) -> (Vec<i64>, bool, bool, i64, i64) {
    let sql = "SELECT sql FROM sqlite_schema WHERE name = 'people'";
    let people: String = db.query(sql).fetch_required().await.unwrap();
    let indexed = count(db, "sqlite_schema WHERE name = 'by_name'").await == 1;
    let families = if people.contains("family") { count(db, "people WHERE family IS NOT NULL").await } else { 0 };
    let persons = count(db, "(SELECT DISTINCT person_id FROM letters)").await;
    (recorded(db).await, people.contains("family"), indexed, families, persons)
}

async fn assert_old_or_new(path: &Path) -> bool {
    let raw = rusqlite::Connection::open(path).unwrap();
    let integrity: String = raw.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
    assert_eq!(integrity, "ok");
    assert!(!raw.prepare("PRAGMA foreign_key_check").unwrap().exists([]).unwrap());
    drop(raw);
    let db = Db::open(path).await.unwrap();
    let is_new = assert_is_old_or_new(&db).await;
    db.close().await.unwrap();
    is_new
}

async fn assert_is_old_or_new(db: &Db) -> bool {
    assert_eq!((count(db, "people").await, count(db, "letters").await), (ROWS, ROWS));
    let found = reached(db).await;
    let is_new = found.0.len() > 1;
    let old = (vec![1], false, false, 0, ROWS);
    let new = (vec![1, 2, 3, 4], true, true, 50, 10);
    assert_eq!(found, if is_new { new } else { old });
    is_new
}

fn remove(path: &Path) {
    for ending in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        let _ = std::fs::remove_file(name);
    }
}

fn killed(test: &str, kills: u32) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    if let Some(path) = std::env::var_os(FILE) {
        return runtime.block_on(migrate(&PathBuf::from(path)));
    }
    let folder = folder();
    let [old, new, path] = ["old.db", "new.db", "a.db"].map(|name| folder.path().join(name));
    runtime.block_on(async {
        let db = Db::open(&old).await.unwrap();
        db.migrate(migrations()).to(1).await.unwrap();
        db.close().await.unwrap();
        std::fs::copy(&old, &new).unwrap();
        let db = Db::open(&new).await.unwrap();
        db.migrate(migrations()).await.unwrap();
        db.close().await.unwrap();
    });
    // How long it takes when nobody kills it.
    std::fs::copy(&old, &path).unwrap();
    let begun = Instant::now();
    assert!(process(test, &path, false).wait().unwrap().success());
    let whole = begun.elapsed();
    let mut moved = 0;
    for kill in 0..kills {
        remove(&path);
        let copy = path.with_extension("copy");
        remove(&copy);
        let down = kill % 3 == 2;
        std::fs::copy(if down { &new } else { &old }, &path).unwrap();
        let mut process = process(test, &path, down);
        // Some are killed when they begin, some at the commit, and some a little later.
        std::thread::sleep(whole.mul_f64(0.05 + 1.05 * f64::from(kill) / f64::from(kills)));
        process.kill().unwrap();
        process.wait().unwrap();
        let is_new = runtime.block_on(assert_old_or_new(&path));
        moved += u32::from(is_new != down);
        if copy.exists() {
            assert!(!runtime.block_on(assert_old_or_new(&copy)), "the copy is that of before");
        }
        // The next process goes on as if nothing had been.
        if kill % 4 == 0 && !down {
            remove(&copy);
            runtime.block_on(migrate(&path));
            assert!(runtime.block_on(assert_old_or_new(&path)));
        }
    }
    println!("{kills} processes killed within {whole:?}; {moved} had done it");
}

#[test]
fn killed_processes_leave_the_old_or_the_new() {
    killed("killed_processes_leave_the_old_or_the_new", 8);
}

#[test]
#[ignore = "takes a minute"]
fn fifty_killed_processes_leave_the_old_or_the_new() {
    killed("fifty_killed_processes_leave_the_old_or_the_new", 50);
}

#[test]
fn processes_that_begin_at_once_migrate_once() {
    const TEST: &str = "processes_that_begin_at_once_migrate_once";
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    if let Some(path) = std::env::var_os(FILE) {
        return runtime.block_on(migrate(&PathBuf::from(path)));
    }
    let folder = folder();
    let path = folder.path().join("a.db");
    let processes: Vec<_> = (0..4).map(|_| process(TEST, &path, false)).collect();
    let mut moved = Vec::new();
    for process in processes {
        let output = process.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        let told = String::from_utf8(output.stdout).unwrap();
        moved.extend(told.lines().filter_map(|line| line.strip_prefix("moved ")).map(str::to_owned));
    }
    moved.sort();
    assert_eq!(moved, ["[1, 2, 3, 4]", "[]", "[]", "[]"]);
    assert!(runtime.block_on(assert_old_or_new(&path)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn dropped_calls_leave_the_old_or_the_new() {
    const DROPS: u32 = 24;
    let template = Template::new(async |db| db.migrate(migrations()).to(1).await.map(drop)).await.unwrap();
    let folder = folder();
    let path = folder.path().join("a.db");
    for is_file in [false, true] {
        let open = async || match is_file {
            false => template.open().await.unwrap(),
            true => {
                remove(&path);
                template.open_with(Db::options().path(&path)).await.unwrap()
            }
        };
        let begun = Instant::now();
        open().await.migrate(migrations()).await.unwrap();
        let whole = begun.elapsed();
        let mut moved = 0;
        for drops in 0..DROPS {
            let db = open().await;
            let time = whole.mul_f64(1.1 * f64::from(drops) / f64::from(DROPS));
            let done = tokio::time::timeout(time, db.migrate(migrations())).await;
            // It may be at its commit when it is dropped: who writes next comes after it.
            let orphan = db.execute("INSERT INTO letters (person_id) VALUES (0)").await;
            assert!(matches!(orphan, Err(Error::ForeignKeyViolation { .. })), "foreign keys are enforced: {orphan:?}");
            let is_new = assert_is_old_or_new(&db).await;
            assert!(is_new || done.is_err(), "what was told is there");
            moved += u32::from(is_new);
            db.migrate(migrations()).await.unwrap();
            assert!(assert_is_old_or_new(&db).await);
            db.close().await.unwrap();
        }
        println!("{DROPS} calls dropped within {whole:?}; {moved} had done it");
        assert!(moved < DROPS, "some were dropped in the middle");
    }
}
