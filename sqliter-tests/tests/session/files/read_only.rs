//! Files that are only read, and that others fill.

use std::path::Path;
use std::time::Duration;

use sqliter::prelude::*;
use sqliter::{Error, Operation, Record, sqlx};
use sqliter_tests::process_of;

use crate::folders::{files, folder};
#[cfg(unix)]
use crate::folders::{folder_to_look_at, permit, without_rights};

#[derive(Debug, Clone, PartialEq, Model)]
struct Note {
    pk: Key<Note>,
    #[model(unique)]
    text: String,
}

/// Its table is made while the file is read.
#[derive(Debug, Clone, PartialEq, Model)]
struct Later {
    pk: Key<Later>,
    note: String,
    more: Option<i64>,
}

/// A file with one note, which all programs have closed.
fn fill(path: &Path, journal_mode: &str) -> rusqlite::Connection {
    let other = rusqlite::Connection::open(path).unwrap();
    let mode: String = other.query_row(&format!("PRAGMA journal_mode = {journal_mode}"), [], |row| row.get(0)).unwrap();
    assert!(mode.eq_ignore_ascii_case(journal_mode));
    let table = "CREATE TABLE notes (pk INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT NOT NULL UNIQUE) STRICT";
    other.execute_batch(&format!("{table}; INSERT INTO notes (text) VALUES ('first')")).unwrap();
    other
}

async fn reading(path: &Path) -> Db {
    Db::options().path(path).read_only().max_readers(2).open().await.unwrap()
}

async fn refused(options: sqliter::DbOptions) -> String {
    match options.open().await {
        Err(Error::Connection { reason, .. }) => reason,
        other => panic!("{other:?}"),
    }
}

const ROWS: i64 = 300;

/// Writes a file while its parent reads it.
fn write_as_another_process(path: &Path) {
    let other = rusqlite::Connection::open(path).unwrap();
    other.busy_timeout(Duration::from_secs(20)).unwrap();
    for number in 0..ROWS {
        other.execute("INSERT INTO notes (text) VALUES (?)", [format!("note {number}")]).unwrap();
        match number {
            100 => other.execute_batch("CREATE TABLE laters (pk INTEGER PRIMARY KEY, note TEXT NOT NULL)").unwrap(),
            200 => other.execute_batch("ALTER TABLE laters ADD COLUMN more INTEGER").unwrap(),
            _ => {}
        }
        if number > 200 {
            other.execute("INSERT INTO laters (note, more) VALUES ('x', ?)", [number]).unwrap();
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn what_another_process_commits_is_seen_and_so_is_its_schema() {
    const PATH: &str = "SQLITER_WRITES";
    if let Some(path) = std::env::var_os(PATH) {
        return write_as_another_process(Path::new(&path));
    }
    for mode in ["wal", "delete"] {
        let folder = folder();
        let path = folder.path().join("a.db");
        drop(fill(&path, mode));
        let mut child = process_of(module_path!(), "what_another_process_commits_is_seen_and_so_is_its_schema")
            .env(PATH, &path)
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let options = Db::options().path(&path).read_only().busy_timeout(Duration::from_secs(20));
            let db = options.cache(CacheOptions::default()).open().await.unwrap();
            let (mut last, mut has_missed, mut seen_between) = (0, false, 0);
            let ended = loop {
                let is_over = child.try_wait().unwrap();
                let kept = db.select::<Note>().fetch_all().await.unwrap().len() as u64;
                let counted = db.select::<Note>().count().await.unwrap();
                assert!(last <= kept && kept <= counted, "{last} {kept} {counted}");
                seen_between += u64::from(kept > 1 && kept < ROWS as u64);
                last = counted;
                match db.select::<Later>().fetch_all().await {
                    Ok(laters) => assert!(laters.iter().all(|later| later.more.is_some())),
                    Err(error) => {
                        has_missed = true;
                        let says = |report: &sqliter::SqliteError| {
                            report.missing_table() == Some("laters") || report.message.contains("more")
                        };
                        let known = error.sqlite().is_some_and(says);
                        assert!(known || matches!(error, Error::SchemaDiffers { .. }), "{error:?}");
                    }
                }
                match is_over {
                    Some(status) => break status,
                    None => tokio::time::sleep(Duration::from_millis(2)).await,
                }
            };
            assert!(ended.success() && has_missed && seen_between > 0, "{mode}: {ended} {has_missed} {seen_between}");
            assert_eq!(last, ROWS as u64 + 1);
            assert_eq!(db.select::<Later>().count().await.unwrap(), ROWS as u64 - 201);
            let misses = db.cache_stats().misses;
            let twice =
                [db.select::<Note>().fetch_all().await.unwrap(), db.select::<Note>().fetch_all().await.unwrap()];
            assert_eq!(twice[0], twice[1]);
            assert!(db.cache_stats().misses <= misses + 1);
            assert_eq!(db.query::<String>("PRAGMA journal_mode").fetch_required().await.unwrap(), mode);
        });
    }
}

#[tokio::test]
async fn everything_that_writes_is_refused_at_once() {
    let folder = folder();
    let path = folder.path().join("a.db");
    drop(fill(&path, "delete"));
    let before = std::fs::read(&path).unwrap();
    let db = reading(&path).await;
    let mut first = db.select::<Note>().fetch_required().await.unwrap();
    let note = || Note::builder().text("x");
    let add = sqliter::Migration::rust(1, "add", async |tx| tx.execute("CREATE TABLE x (a)").await.map(drop));
    let migrations = sqliter::Migrations::from(sqlx::migrate::Migrator::with_migrations(Vec::new())).with(add);
    let refusals = [
        db.insert(note()).await.map(drop),
        db.bulk_insert([note(), note()]).await.map(drop),
        db.bulk_upsert([note()], |n| n.text).ignore().await.map(drop),
        db.update(&mut first).await,
        db.delete(&first).await,
        db.select::<Note>().update(|n| n.text.set("y")).await.map(drop),
        db.select::<Note>().delete().await.map(drop),
        db.select::<Note>().delete().returning_rows().fetch_all().await.map(drop),
        db.execute("DELETE FROM notes").await.map(drop),
        db.execute("PRAGMA user_version = 7").await.map(drop),
        db.execute("VACUUM").await.map(drop),
        db.execute_script("DELETE FROM notes; DROP TABLE notes").await,
        db.query::<i64>("DELETE FROM notes RETURNING pk").fetch_all().await.map(drop),
        db.create_table::<Note>().await,
        db.create_tables::<(Note, Later)>().await,
        db.create_indexes::<Note>().await,
        db.drop_table::<Note>().await,
        db.begin().await.map(drop),
        db.transaction(async |tx| tx.insert(note()).await).await.map(drop),
        db.migrate(&migrations).await.map(drop),
    ];
    for (index, refusal) in refusals.into_iter().enumerate() {
        assert!(matches!(refusal, Err(Error::ReadOnly { .. })), "{index}: {refusal:?}");
    }
    let Err(Error::ReadOnly { operation, table }) = db.insert(note()).await else { panic!() };
    assert_eq!((operation, table.as_str()), (Operation::Insert, "notes"));
    let in_snapshot = db.snapshot(async |s| s.insert(note()).await).await;
    assert!(matches!(in_snapshot, Err(Error::SnapshotReads { .. })));
    assert!(sqlx::query("DELETE FROM notes").execute(&db.pool()).await.is_err());
    assert_eq!(db.migration_status(&migrations).await.unwrap().len(), 1);
    assert_eq!(db.select::<Note>().fetch_all().await.unwrap(), [first]);
    db.close().await.unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), before);
    assert_eq!(files(folder.path()), ["a.db"]);
}

#[tokio::test]
async fn everything_that_reads_works_in_every_journal_mode() {
    for mode in ["wal", "delete", "truncate", "persist"] {
        let folder = folder();
        let path = folder.path().join("a.db");
        drop(fill(&path, mode));
        let header = std::fs::read(&path).unwrap();
        let sql = "CREATE TEMP TABLE scratch (a); INSERT INTO scratch VALUES (7)";
        let db =
            Db::options().path(&path).read_only().on_connect(sql).cache(CacheOptions::default()).open().await.unwrap();
        let note = db.get(Note::key(1)).await.unwrap().unwrap();
        assert_eq!(db.snapshot(async |s| s.select::<Note>().count().await).await.unwrap(), 1);
        assert_eq!(db.query::<i64>("SELECT a FROM scratch").fetch_required().await.unwrap(), 7);
        assert!(db.schema_diff::<(Note,)>().await.unwrap().is_empty());
        let mut streamed = db.select::<Note>().fetch_stream();
        assert_eq!(streamed.next().await.unwrap().unwrap(), note);
        drop(streamed);
        let pooled: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM notes").fetch_one(&db.pool()).await.unwrap();
        assert_eq!(pooled, 1);
        assert_eq!(db.query::<Record>("PRAGMA integrity_check").fetch_all().await.unwrap().len(), 1);
        db.close().await.unwrap();
        assert_eq!(db.select::<Note>().fetch_all().await.unwrap(), [note]);
        db.close().await.unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), header, "{mode}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_only_is_told_so() {
    let folder = folder();
    let path = folder.path().join("a.db");
    let options = || Db::options().path(&path).read_only();
    let missing = "the file does not exist, and nothing is created with `read_only`";
    assert_eq!(refused(options()).await, missing);
    assert_eq!(refused(options().immutable()).await, missing);
    assert!(files(folder.path()).is_empty());
    drop(fill(&path, "wal"));
    assert!(refused(options().reset()).await.starts_with("`reset` writes, and `read_only` does not"));
    assert!(refused(options().exclusive(true)).await.starts_with("`exclusive` keeps others from the file"));
    assert!(refused(options().memory()).await.starts_with("a database in memory begins empty"));
    assert!(refused(Db::options().path(folder.path()).read_only()).await.starts_with("it is a folder"));
    let opened = options().open().await.unwrap();
    assert!(opened.open_options().get_read_only() && !opened.open_options().get_immutable());
    drop(opened);
}

/// What a program leaves that was killed amidst its commit.
#[tokio::test]
async fn a_journal_that_is_to_be_rolled_back_is_told() {
    let folder = folder();
    let path = folder.path().join("a.db");
    let other = fill(&path, "delete");
    let large = "PRAGMA cache_size = 1; PRAGMA cache_spill = 1; BEGIN; \
        WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 3000) \
        INSERT INTO notes (text) SELECT 'number ' || x FROM n";
    other.execute_batch(large).unwrap();
    let copy = folder.path().join("copy.db");
    std::fs::copy(&path, &copy).unwrap();
    std::fs::copy(folder.path().join("a.db-journal"), folder.path().join("copy.db-journal")).unwrap();
    drop(other);
    let reason = refused(Db::options().path(&copy).read_only()).await;
    assert!(reason.contains("-journal must be rolled back: open the file once for writing"), "{reason}");
    let reason = refused(Db::options().path(&copy).immutable()).await;
    assert!(reason.contains("a file with the ending -journal beside it"), "{reason}");
    // As it says.
    Db::open(&copy).await.unwrap().close().await.unwrap();
    assert_eq!(reading(&copy).await.select::<Note>().count().await.unwrap(), 1);
}

#[tokio::test]
async fn a_file_that_nobody_writes_needs_nothing_beside_it() {
    let folder = folder();
    let path = folder.path().join("a.db");
    let other = fill(&path, "wal");
    let reason = refused(Db::options().path(&path).immutable()).await;
    assert!(reason.contains("a file with the ending -wal beside it"), "{reason}");
    drop(other);
    let db = Db::options().path(&path).immutable().cache(CacheOptions::default()).open().await.unwrap();
    assert!(db.open_options().get_immutable() && db.open_options().get_read_only());
    for _ in 0..3 {
        assert_eq!(db.select::<Note>().fetch_all().await.unwrap().len(), 1);
    }
    assert_eq!(db.cache_stats().hits, 2);
    assert!(matches!(db.insert(Note::builder().text("x")).await, Err(Error::ReadOnly { .. })));
    assert_eq!(files(folder.path()), ["a.db"]);
    // Another file takes its place.
    let new = folder.path().join("new.db");
    fill(&new, "wal").execute_batch("INSERT INTO notes (text) VALUES ('second')").unwrap();
    std::fs::rename(&new, &path).unwrap();
    assert_eq!(db.select::<Note>().count().await.unwrap(), 1);
    db.close().await.unwrap();
    assert_eq!(db.select::<Note>().count().await.unwrap(), 2);
}

#[cfg(unix)]
#[test]
fn what_may_not_be_written_is_read() {
    if let Some(folder) = folder_to_look_at() {
        return read_without_rights(&folder);
    }
    let folder = folder();
    let mut kept = Vec::new();
    for (name, folder_mode) in [("open", 0o777), ("shut", 0o555)] {
        for journal in ["wal", "delete", "used"] {
            let sub = folder.path().join(format!("{name}-{journal}"));
            std::fs::create_dir(&sub).unwrap();
            let other = fill(&sub.join("a.db"), if journal == "used" { "wal" } else { journal });
            if journal == "used" {
                kept.push(other);
            } else {
                drop(other);
            }
            for file in files(&sub) {
                permit(&sub.join(file), 0o444);
            }
            permit(&sub, folder_mode);
        }
    }
    without_rights(folder.path(), module_path!(), "what_may_not_be_written_is_read", read_without_rights);
    for name in ["shut-wal", "shut-delete", "shut-used"] {
        permit(&folder.path().join(name), 0o755);
    }
    drop(kept);
}

#[cfg(unix)]
fn read_without_rights(folder: &Path) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        // What a program writes that is still running has its log and the index of the log.
        for name in ["open-wal", "open-delete", "open-used", "shut-delete", "shut-used"] {
            let path = folder.join(name).join("a.db");
            let before = files(&folder.join(name));
            let db = Db::options().path(&path).read_only().cache(CacheOptions::default()).open().await.unwrap();
            for _ in 0..3 {
                assert_eq!(db.select::<Note>().fetch_all().await.unwrap().len(), 1, "{name}");
            }
            assert_eq!(db.cache_stats().hits, 2, "{name}");
            assert!(matches!(db.insert(Note::builder().text("x")).await, Err(Error::ReadOnly { .. })));
            db.close().await.unwrap();
            if name != "open-wal" {
                assert_eq!(files(&folder.join(name)), before, "{name}");
            }
        }
        let shut = folder.join("shut-wal");
        let reason = refused(Db::options().path(shut.join("a.db")).read_only()).await;
        let expected = format!("this program may not create them in the folder {}", shut.display());
        assert!(reason.contains(&expected) && reason.ends_with("use `DbOptions::immutable`"), "{reason}");
        let db = Db::options().path(shut.join("a.db")).immutable().open().await.unwrap();
        assert_eq!(db.select::<Note>().count().await.unwrap(), 1);
        db.close().await.unwrap();
        assert_eq!(files(&shut), ["a.db"]);
    });
}
