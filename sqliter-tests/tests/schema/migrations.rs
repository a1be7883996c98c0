//! Migrations are applied once, in their order, and undone in the opposite one.

use std::sync::Arc;

use sqliter::bounds::{MigrationProgress, MigrationState};
use sqliter::prelude::*;
use sqliter::{CacheOptions, Error};
use sqlx::migrate::MigrationType;

use crate::share::{count, file, files, folder, recorded, reversible, schema, versions};

const BOOKS: &str = "CREATE TABLE books (pk INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL) STRICT";
const PAGES: &str = "ALTER TABLE books ADD COLUMN pages INTEGER NOT NULL DEFAULT 0";

#[derive(Debug, Clone, PartialEq, Model)]
struct Book {
    pk: Key<Book>,
    title: String,
}

#[tokio::test]
async fn what_was_not_applied_yet_is_applied_in_the_order_of_the_versions() {
    let db = Db::memory().await.unwrap();
    let applied = db.migrate(files(&[BOOKS])).await.unwrap();
    assert_eq!((versions(&applied), applied[0].description.as_str()), (vec![1], "first"));
    let both = files(&[BOOKS, PAGES]);
    assert_eq!(versions(&db.migrate(&both).await.unwrap()), [2]);
    assert_eq!(versions(&db.migrate(&both).await.unwrap()), [] as [i64; 0]);
    assert_eq!(recorded(&db).await, [1, 2]);
    db.insert(Book::builder().title("Emma")).await.unwrap();
}

#[tokio::test]
async fn a_version_that_comes_late_is_applied_all_the_same() {
    let db = Db::memory().await.unwrap();
    let with = |versions: &[i64]| {
        let named = versions.iter().map(|version| {
            let sql = format!("CREATE TABLE t{version} (a)");
            file(*version, "late", MigrationType::Simple, &sql)
        });
        sqlx::migrate::Migrator::with_migrations(named.collect())
    };
    db.migrate(with(&[1, 3])).await.unwrap();
    assert_eq!(versions(&db.migrate(with(&[1, 2, 3])).await.unwrap()), [2]);
}

#[tokio::test]
async fn a_version_to_stop_at_is_the_last_one_that_is_applied() {
    let db = Db::memory().await.unwrap();
    let all = files(&[BOOKS, PAGES, "CREATE INDEX by_pages ON books (pages)"]);
    assert_eq!(versions(&db.migrate(&all).to(2).await.unwrap()), [1, 2]);
    let error = db.migrate(&all).to(7).await.unwrap_err();
    assert_eq!(error.to_string(), "cannot migrate: there is no migration 7 to go to");
    assert_eq!(versions(&db.migrate(&all).await.unwrap()), [3]);
}

#[tokio::test]
async fn migrations_are_undone_down_to_a_version() {
    let db = Db::memory().await.unwrap();
    let all = reversible(&[
        (BOOKS, "DROP TABLE books"),
        (PAGES, "ALTER TABLE books DROP COLUMN pages"),
        ("CREATE INDEX by_pages ON books (pages)", "DROP INDEX by_pages"),
    ]);
    db.migrate(&all).to(1).await.unwrap();
    let first = schema(&db).await;
    db.migrate(&all).await.unwrap();
    db.execute("INSERT INTO books (title, pages) VALUES ('Emma', 474)").await.unwrap();
    assert_eq!(versions(&db.undo_migrations(&all).await.unwrap()), [3], "the last one alone");
    assert_eq!(versions(&db.undo_migrations(&all).to(1).await.unwrap()), [2]);
    assert_eq!(schema(&db).await, first);
    assert_eq!(count(&db, "books").await, 1);
    assert_eq!(versions(&db.migrate(&all).await.unwrap()), [2, 3]);
    assert_eq!(versions(&db.undo_migrations(&all).to(0).await.unwrap()), [3, 2, 1]);
    assert_eq!(versions(&db.undo_migrations(&all).await.unwrap()), [] as [i64; 0]);
    assert_eq!(recorded(&db).await, [] as [i64; 0]);
}

#[tokio::test]
async fn what_has_no_way_back_is_refused_before_anything_is_undone() {
    let db = Db::memory().await.unwrap();
    let mut all = vec![file(1, "first", MigrationType::Simple, BOOKS)];
    all.push(file(2, "second", MigrationType::ReversibleUp, PAGES));
    all.push(file(2, "second", MigrationType::ReversibleDown, "ALTER TABLE books DROP COLUMN pages"));
    let all = sqlx::migrate::Migrator::with_migrations(all);
    db.migrate(&all).await.unwrap();
    let error = db.undo_migrations(&all).to(0).await.unwrap_err();
    let text = "cannot migrate: migration 1 (first) cannot be undone, as nothing says how: there is no file `.down.sql` of it, \
        and no `down` of one in Rust";
    assert_eq!(error.to_string(), text);
    assert_eq!(recorded(&db).await, [1, 2]);
}

#[tokio::test]
async fn a_changed_file_is_named() {
    let db = Db::memory().await.unwrap();
    db.migrate(files(&[BOOKS])).await.unwrap();
    let error = db.migrate(files(&["CREATE TABLE books (pk INTEGER PRIMARY KEY)", PAGES])).await.unwrap_err();
    assert!(matches!(&error, Error::MigrationChanged { version: 1, description } if description == "first"));
    let text = "migration 1 (first) was changed after it was applied: put the file back as it was, and make the change in a \
        new migration";
    assert_eq!(error.to_string(), text);
    assert_eq!(recorded(&db).await, [1]);
}

#[tokio::test]
async fn a_missing_file_is_named_unless_it_may_be_missing() {
    let db = Db::memory().await.unwrap();
    db.migrate(files(&[BOOKS, PAGES])).await.unwrap();
    let mut first = files(&[BOOKS]);
    let error = db.migrate(&first).await.unwrap_err();
    assert!(matches!(&error, Error::MigrationMissing { version: 2, description } if description == "second"));
    first.set_ignore_missing(true);
    assert!(db.migrate(&first).await.unwrap().is_empty());
}

#[tokio::test]
async fn two_of_one_version_are_refused() {
    let db = Db::memory().await.unwrap();
    let kind = MigrationType::Simple;
    let twice =
        sqlx::migrate::Migrator::with_migrations(vec![file(1, "one", kind, BOOKS), file(1, "other", kind, PAGES)]);
    let error = db.migrate(&twice).await.unwrap_err();
    let text = "cannot migrate: two migrations have the version 1: one, and other; give one of them another version";
    assert_eq!(error.to_string(), text);
}

#[tokio::test]
async fn the_status_tells_what_each_is_to_the_database() {
    let db = Db::memory().await.unwrap();
    db.migrate(files(&[BOOKS, PAGES])).await.unwrap();
    db.execute("INSERT INTO _sqlx_migrations VALUES (9, 'gone', '2026-01-31 12:00:00', 1, x'00', 1)").await.unwrap();
    db.execute("INSERT INTO _sqlx_migrations VALUES (4, 'begun', '2026-01-31 12:00:00', 0, x'00', 1)").await.unwrap();
    let now = files(&[BOOKS, "SELECT 1", "SELECT 2"]);
    let status = db.migration_status(&now).await.unwrap();
    let told: Vec<_> = status.iter().map(|it| (it.version, it.description.as_str(), it.state)).collect();
    let expected = [
        (1, "first", MigrationState::Applied),
        (2, "second", MigrationState::Changed),
        (3, "third", MigrationState::Pending),
        (4, "begun", MigrationState::Unfinished),
        (9, "gone", MigrationState::Missing),
    ];
    assert_eq!(told, expected);
    assert_eq!(status[4].applied_at.as_deref(), Some("2026-01-31 12:00:00"));
    assert_eq!(status[2].applied_at, None);
}

#[tokio::test]
async fn models_cached_statements_and_the_cache_see_the_new_schema_at_once() {
    let folder = folder();
    let path = folder.path().join("a.db");
    let db = Db::options().path(&path).cache(CacheOptions::default()).max_readers(2).open().await.unwrap();
    let other = Db::options().path(&path).cache(CacheOptions::default()).open().await.unwrap();
    let first = files(&[BOOKS]);
    db.migrate(&first).await.unwrap();
    let emma = db.insert(Book::builder().title("Emma")).await.unwrap();
    for it in [&db, &other] {
        for _ in 0..2 {
            assert_eq!(it.get(emma.pk).await.unwrap(), Some(emma.clone()));
            assert_eq!(it.select::<Book>().fetch_all().await.unwrap(), std::slice::from_ref(&emma));
            assert_eq!(it.query::<Book>("SELECT * FROM books").fetch_all().await.unwrap().len(), 1);
        }
    }
    // Another order of columns, a column more, other titles, and a table that is not STRICT and whose key is none.
    let rebuilt = "
        CREATE TABLE new_books (title TEXT NOT NULL, pages INTEGER, pk INTEGER);
        INSERT INTO new_books SELECT title || '!', 1, pk FROM books;
        DROP TABLE books;
        ALTER TABLE new_books RENAME TO books;";
    db.migrate(files(&[BOOKS, rebuilt])).await.unwrap();
    for it in [&db, &other] {
        assert_eq!(it.get(emma.pk).await.unwrap().unwrap().title, "Emma!");
        assert_eq!(it.select::<Book>().fetch_all().await.unwrap()[0].title, "Emma!");
        assert_eq!(it.query::<Book>("SELECT * FROM books").fetch_all().await.unwrap()[0].title, "Emma!");
        let error = it.insert(Book::builder().title("Persuasion")).await.unwrap_err();
        assert!(matches!(error, Error::SchemaDiffers { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_copy_is_made_first_if_there_is_anything_to_do() {
    let folder = folder();
    let copy = folder.path().join("before.db");
    let db = Db::open(folder.path().join("a.db")).await.unwrap();
    db.migrate(files(&[BOOKS])).backup_to(&copy).await.unwrap();
    assert_eq!(count(&Db::open(&copy).await.unwrap(), "sqlite_schema").await, 0);
    db.bulk_insert((0..2000).map(|i| Book::builder().title(format!("{i:0>100}")))).await.unwrap();

    let again = folder.path().join("again.db");
    let both = files(&[BOOKS, "DELETE FROM books", PAGES]);
    let mut told = Vec::new();
    db.migrate(&both).backup_to(&again).progress(|it| told.push(it.clone())).await.unwrap();
    let copied = Db::open(&again).await.unwrap();
    assert_eq!((count(&db, "books").await, count(&copied, "books").await), (0, 2000));
    assert_eq!(recorded(&copied).await, [1]);
    assert!(matches!(told[0], MigrationProgress::Copying { pages, of } if pages == of && of > 50), "{:?}", told[0]);

    let untouched = folder.path().join("untouched.db");
    assert!(db.migrate(&both).backup_to(&untouched).await.unwrap().is_empty());
    assert!(!untouched.exists(), "nothing was to be done");
}

#[tokio::test]
async fn a_copy_overwrites_nothing_and_without_it_nothing_is_migrated() {
    let folder = folder();
    let db = Db::open(folder.path().join("a.db")).await.unwrap();
    let taken = folder.path().join("taken");
    std::fs::write(&taken, "notes").unwrap();
    let error = db.migrate(files(&[BOOKS])).backup_to(&taken).await.unwrap_err();
    assert!(matches!(error, Error::Backup { .. }));
    assert!(error.to_string().ends_with("there is a file of this name already, which is not overwritten"), "{error}");
    assert_eq!(std::fs::read_to_string(&taken).unwrap(), "notes");
    let nowhere = folder.path().join("no/such/folder");
    let error = db.migrate(files(&[BOOKS])).backup_to(&nowhere).await.unwrap_err();
    assert!(matches!(error, Error::Backup { .. }), "{error}");
    assert!(schema(&db).await.is_empty());
    db.migrate(files(&[BOOKS])).await.unwrap();
}

#[tokio::test]
async fn how_far_it_has_come_is_told() {
    let db = Db::memory().await.unwrap();
    let many = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 300000) \
        INSERT INTO books (title) SELECT 'a' FROM n;\nSELECT 1;";
    let mut told = Vec::new();
    db.migrate(files(&[BOOKS, many])).progress(|it| told.push(it.clone())).await.unwrap();
    let steps = |it: &MigrationProgress| match it {
        MigrationProgress::Running { steps, .. } | MigrationProgress::Checking { steps } => *steps,
        _ => 0,
    };
    assert!(told.iter().map(steps).is_sorted(), "{told:?}");
    assert!(told.len() > 5, "a statement that takes long tells that it goes on: {told:?}");
    let begun = |version: i64, number: usize| {
        told.iter().position(|it| {
            matches!(it, MigrationProgress::Running { version: v, statement, .. } if (*v, *statement) == (version, number))
        })
    };
    let last = told.iter().position(|it| matches!(it, MigrationProgress::Checking { .. }));
    let order = [begun(1, 1), begun(2, 1), begun(2, 2), last];
    assert!(order.iter().all(Option::is_some) && order.is_sorted(), "{order:?}");
    let MigrationProgress::Running { description, done, of, statements, .. } = &told[begun(2, 2).unwrap()] else {
        panic!("{told:?}");
    };
    assert_eq!((description.as_str(), *done, *of, *statements), ("second", 1, 2, 2));
}

#[tokio::test]
async fn a_call_can_be_made_anywhere() {
    let db = Arc::new(Db::memory().await.unwrap());
    let one = Arc::clone(&db);
    // It is `Send`, and needs no lifetime but that of the database.
    let all = files(&[BOOKS]);
    tokio::spawn(async move { one.migrate(&all).progress(|_| {}).await.map(drop) }).await.unwrap().unwrap();
    assert_eq!(recorded(&db).await, [1]);
}

#[tokio::test]
async fn inside_a_transaction_it_is_refused() {
    let folder = folder();
    let db = Db::open(folder.path().join("a.db")).await.unwrap();
    let all = files(&[BOOKS]);
    let error = db.transaction(async |_| db.migrate(&all).await.map(drop)).await.unwrap_err();
    assert!(matches!(error, Error::InsideTransaction { .. }));
    assert!(
        error.to_string().starts_with("cannot migrate the database on the database inside the transaction"),
        "{error}"
    );
    db.migrate(&all).await.unwrap();
}

#[tokio::test]
async fn a_database_that_only_reads_is_told() {
    let folder = folder();
    let path = folder.path().join("a.db");
    Db::open(&path).await.unwrap().close().await.unwrap();
    let db = Db::options().path(&path).on_connect("PRAGMA query_only = ON").open().await.unwrap();
    let error = db.migrate(files(&[BOOKS])).await.unwrap_err();
    assert!(error.to_string().contains("attempt to write a readonly database"), "{error}");
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn a_file_that_only_this_process_uses_is_migrated_and_copied() {
    let folder = folder();
    let path = folder.path().join("a.db");
    let db = Db::options().path(&path).exclusive(true).open().await.unwrap();
    let copy = folder.path().join("copy.db");
    db.migrate(files(&[BOOKS, PAGES])).to(1).await.unwrap();
    db.insert(Book::builder().title("Emma")).await.unwrap();
    db.migrate(files(&[BOOKS, PAGES])).backup_to(&copy).await.unwrap();
    db.close().await.unwrap();
    let copied = Db::open(&copy).await.unwrap();
    assert_eq!((recorded(&copied).await, count(&copied, "books").await), (vec![1], 1));
    assert_eq!(recorded(&db).await, [1, 2]);
}
