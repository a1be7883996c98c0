//! Migrations are applied as a whole or not at all, and lose no rows by the way.

use std::path::Path;
use std::time::Duration;

use sqliter::Error;
use sqliter::prelude::*;
use sqlx::migrate::Migrator;

use crate::share::{count, files, folder, recorded, schema, versions};

const TABLES: &str = "
    CREATE TABLE authors (pk INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL) STRICT;
    CREATE TABLE books (pk INTEGER PRIMARY KEY AUTOINCREMENT, title TEXT NOT NULL,
        author_id INTEGER NOT NULL REFERENCES authors ON DELETE CASCADE) STRICT;
    CREATE TABLE notes (pk INTEGER PRIMARY KEY, book_id INTEGER REFERENCES books ON DELETE SET NULL) STRICT;
    INSERT INTO authors VALUES (1, 'Ada'), (7, 'Jane');
    INSERT INTO books VALUES (1, 'Notes', 1), (2, 'Emma', 7);
    INSERT INTO notes VALUES (1, 2);";

/// As SQLite's own manual has it.
const REBUILD: &str = "
    CREATE TABLE new_authors (pk INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL CHECK (name <> ''), born TEXT) STRICT;
    INSERT INTO new_authors (pk, name) SELECT pk, name FROM authors;
    DROP TABLE authors;
    ALTER TABLE new_authors RENAME TO authors;";

#[tokio::test]
async fn a_rebuilt_table_keeps_its_children() {
    let db = Db::memory().await.unwrap();
    db.migrate(files(&[TABLES, REBUILD])).await.unwrap();
    assert_eq!((count(&db, "authors").await, count(&db, "books").await, count(&db, "notes").await), (2, 2, 1));
    let error = db.execute("INSERT INTO books (title, author_id) VALUES ('x', 99)").await.unwrap_err();
    assert!(matches!(error, Error::ForeignKeyViolation { .. }), "they are enforced again: {error}");
    db.execute("DELETE FROM authors WHERE pk = 7").await.unwrap();
    assert_eq!(count(&db, "books").await, 1);
}

#[tokio::test]
async fn a_migration_that_leaves_rows_without_their_parent_is_undone() {
    let db = Db::memory().await.unwrap();
    db.migrate(files(&[TABLES])).await.unwrap();
    let before = schema(&db).await;
    let error = db.migrate(files(&[TABLES, REBUILD, "DELETE FROM authors WHERE pk = 7"])).await.unwrap_err();
    assert!(
        matches!(&error, Error::MigrationUnsound { version: 3, problems, kept } if problems.len() == 2 && kept.is_empty())
    );
    assert_eq!(
        error.to_string(),
        "the database would not be sound after the migration to 3: by books.author_id, 1 row refers to no row of authors, the \
         first with the row id 2; foreign keys are not enforced while migrations run, so `ON DELETE` and `ON UPDATE` do nothing \
         there: change the rows that refer in the migration too; everything of the call was undone"
    );
    assert_eq!((schema(&db).await, recorded(&db).await, count(&db, "authors").await), (before, vec![1], 2));
    let error = db.migrate(files(&[TABLES, "DROP TABLE books"])).await.unwrap_err();
    assert!(error.to_string().contains("by notes.book_id, 1 row refers to no row of books"), "{error}");
    db.migrate(files(&[TABLES, "DROP TABLE notes; DROP TABLE books"])).await.unwrap();
}

/// Breaks references as programs do that do not enforce foreign keys.
fn break_references(path: &Path, sql: &str) {
    let raw = rusqlite::Connection::open(path).unwrap();
    raw.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    raw.execute_batch(sql).unwrap();
}

#[tokio::test]
async fn what_was_broken_before_stops_nothing() {
    let folder = folder();
    let path = folder.path().join("a.db");
    let db = Db::open(&path).await.unwrap();
    db.migrate(files(&[TABLES])).await.unwrap();
    break_references(
        &path,
        "INSERT INTO books VALUES (3, 'Lost', 99), (4, 'Lost', 98); INSERT INTO notes VALUES (5, 77)",
    );
    let renamed = "ALTER TABLE books RENAME TO works; ALTER TABLE works RENAME COLUMN author_id TO writer_id;
        ALTER TABLE authors RENAME TO writers";
    let adds = "INSERT INTO works VALUES (6, 'Also lost', 97)";
    let error = db.migrate(files(&[TABLES, REBUILD, renamed, adds])).await.unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("by works.writer_id, 1 row refers to no row of writers, the first with the row id 6;"),
        "{text}"
    );
    db.migrate(files(&[TABLES, REBUILD, renamed])).await.unwrap();
    assert_eq!(count(&db, "works").await, 4);
}

#[tokio::test]
async fn rows_without_a_row_id_are_counted() {
    let folder = folder();
    let path = folder.path().join("a.db");
    let db = Db::open(&path).await.unwrap();
    let tables = "CREATE TABLE a (pk INTEGER PRIMARY KEY);
        CREATE TABLE b (k TEXT PRIMARY KEY, a_id REFERENCES a) WITHOUT ROWID;";
    db.migrate(files(&[tables])).await.unwrap();
    break_references(&path, "INSERT INTO b VALUES ('one', 1)");
    let error = db.migrate(files(&[tables, "INSERT INTO b VALUES ('two', 2), ('three', 3)"])).await.unwrap_err();
    assert!(error.to_string().contains("by b.a_id, 2 rows refer to no row of a;"), "{error}");
    db.migrate(files(&[tables, "SELECT 1"])).await.unwrap();
}

#[tokio::test]
async fn a_foreign_key_that_can_lead_nowhere_is_told() {
    let db = Db::memory().await.unwrap();
    let tables = "CREATE TABLE a (pk INTEGER PRIMARY KEY, code TEXT)";
    let error = db.migrate(files(&[tables, "CREATE TABLE b (code REFERENCES a (code))"])).await.unwrap_err();
    assert!(error.to_string().contains("the foreign keys of b cannot be looked at: foreign key mismatch"), "{error}");
    // It may be there already.
    let db = Db::memory().await.unwrap();
    db.execute("CREATE TABLE a (code TEXT)").await.unwrap();
    db.execute("CREATE TABLE b (code REFERENCES a (code))").await.unwrap();
    db.migrate(files(&["CREATE TABLE c (d)"])).await.unwrap();
}

#[tokio::test]
async fn a_file_that_would_be_damaged_is_left_as_it_was() {
    let db = Db::memory().await.unwrap();
    // A NOT NULL column full of NULL, behind the back of SQLite.
    let by_hand = "PRAGMA writable_schema = ON;
        UPDATE sqlite_schema SET sql = replace(sql, 'title TEXT', 'title TEXT NOT NULL') WHERE name = 'books'";
    let tables = "CREATE TABLE books (pk INTEGER PRIMARY KEY, title TEXT); INSERT INTO books VALUES (1, NULL)";
    db.migrate(files(&[tables])).await.unwrap();
    let before = schema(&db).await;
    let error = db.migrate(files(&[tables, by_hand])).await.unwrap_err();
    assert!(error.to_string().contains("NULL value in books.title"), "{error}");
    assert_eq!(schema(&db).await, before);
}

#[tokio::test]
async fn damage_that_was_there_before_is_told_as_such() {
    let folder = folder();
    let path = folder.path().join("a.db");
    let db = Db::open(&path).await.unwrap();
    let tables = "CREATE TABLE books (pages INTEGER CHECK (pages > 0))";
    db.migrate(files(&[tables])).await.unwrap();
    break_references(&path, "PRAGMA ignore_check_constraints = ON; INSERT INTO books VALUES (-1)");
    let error = db.migrate(files(&[tables, "ALTER TABLE books ADD COLUMN a"])).await.unwrap_err();
    let told = "CHECK constraint failed in books; all of this was so before: mend it first, or in the migration";
    assert!(error.to_string().contains(told), "{error}");
    db.migrate(files(&[tables, "UPDATE books SET pages = 1; ALTER TABLE books ADD COLUMN a"])).await.unwrap();
}

#[tokio::test]
async fn a_call_that_is_dropped_in_sql_undoes_everything() {
    let folder = folder();
    for db in [Db::memory().await.unwrap(), Db::open(folder.path().join("a.db")).await.unwrap()] {
        db.migrate(files(&[TABLES])).await.unwrap();
        let endless = "CREATE TABLE a (b); PRAGMA legacy_alter_table = ON; PRAGMA ignore_check_constraints = ON;
            WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) INSERT INTO a SELECT 1 FROM n WHERE x < 0;";
        let all = files(&[TABLES, REBUILD, endless]);
        let begun = tokio::time::timeout(Duration::from_millis(100), db.migrate(&all)).await;
        assert!(begun.is_err(), "it takes for ever");
        assert_eq!((recorded(&db).await, count(&db, "books").await), (vec![1], 2));
        let error = db.execute("INSERT INTO books (title, author_id) VALUES ('x', 99)").await.unwrap_err();
        assert!(matches!(error, Error::ForeignKeyViolation { .. }), "{error}");
        for setting in ["PRAGMA legacy_alter_table", "PRAGMA ignore_check_constraints"] {
            let set: i64 = db.transaction(async |tx| tx.query(setting).fetch_required().await).await.unwrap();
            assert_eq!(set, 0, "{setting}");
        }
    }
}

#[tokio::test]
async fn calls_at_the_same_time_migrate_once() {
    let folder = folder();
    let path = folder.path().join("a.db");
    let all = || {
        files(&[
            TABLES,
            REBUILD,
            "-- no-transaction\nINSERT INTO authors (name) VALUES ('once'); VACUUM",
            "CREATE TABLE z (a)",
        ])
    };
    let calls: Vec<_> = (0..6)
        .map(|_| {
            let (path, all) = (path.clone(), all());
            tokio::spawn(async move {
                let db = Db::open(path).await.unwrap();
                versions(&db.migrate(&all).await.unwrap())
            })
        })
        .collect();
    let mut applied = Vec::new();
    for call in calls {
        applied.extend(call.await.unwrap());
    }
    applied.sort_unstable();
    assert_eq!(applied, [1, 2, 3, 4]);
    let db = Db::open(&path).await.unwrap();
    assert_eq!(count(&db, "authors WHERE name = 'once'").await, 1);
}

#[tokio::test]
async fn a_lock_of_another_program_is_waited_for_and_then_told() {
    let folder = folder();
    let path = folder.path().join("a.db");
    let db = Db::options().path(&path).busy_timeout(Duration::from_millis(100)).open().await.unwrap();
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = db.migrate(files(&[TABLES])).await.unwrap_err();
    assert!(matches!(error, Error::Busy { .. }), "{error}");
    assert_eq!(
        error.to_string(),
        "cannot migrate the database: the database stayed locked for 100ms (database is locked)"
    );
    other.execute_batch("COMMIT").unwrap();
    db.migrate(files(&[TABLES])).await.unwrap();
}

#[tokio::test]
async fn where_nothing_is_to_be_done_nobody_is_kept_waiting() {
    let folder = folder();
    let path = folder.path().join("a.db");
    let db = Db::open(&path).await.unwrap();
    let all: Migrator = files(&[TABLES]);
    db.migrate(&all).await.unwrap();
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert!(db.migrate(&all).await.unwrap().is_empty());
}

#[tokio::test]
#[ignore = "takes some seconds and 200 MB of disk"]
async fn a_table_of_two_million_rows_migrates_and_tells_how_far_it_is() {
    use sqliter::bounds::MigrationProgress;
    let folder = folder();
    let db = Db::open(folder.path().join("a.db")).await.unwrap();
    let rows = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 2000000)
        INSERT INTO authors (name) SELECT 'author ' || x FROM n";
    db.migrate(files(&[TABLES, rows])).await.unwrap();
    let begun = std::time::Instant::now();
    let mut told: Vec<(Duration, MigrationProgress)> = Vec::new();
    let all = files(&[TABLES, rows, REBUILD, "CREATE INDEX by_name ON authors (name)"]);
    db.migrate(all)
        .backup_to(folder.path().join("copy.db"))
        .progress(|it| told.push((begun.elapsed(), it.clone())))
        .await
        .unwrap();
    let longest = told.windows(2).map(|pair| pair[1].0 - pair[0].0).max().unwrap();
    println!("{:?} for 2 million rows, {} times told, the longest silence {longest:?}", begun.elapsed(), told.len());
    assert_eq!((count(&db, "authors").await, count(&db, "books").await), (2_000_002, 2));
    assert!(told.len() > 20 && longest < Duration::from_secs(2), "{longest:?}");
}

mod before {
    use super::*;

    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(table = "authors")]
    pub struct Author {
        pub pk: Key<Author>,
        pub name: String,
    }

    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(table = "books")]
    pub struct Book {
        pub pk: Key<Book>,
        #[model(on_delete = cascade)]
        pub author_id: Key<Author>,
    }
}

mod after {
    use super::*;

    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(table = "authors")]
    pub struct Author {
        pub pk: Key<Author>,
        #[model(unique)]
        pub name: String,
        pub born: Option<String>,
    }

    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(table = "books")]
    pub struct Book {
        pub pk: Key<Book>,
        #[model(on_delete = cascade)]
        pub author_id: Key<Author>,
    }
}

#[tokio::test]
async fn what_the_difference_of_schemas_writes_is_run_with_all_rows() {
    use sqliter::schema::Decisions;
    let folder = folder();
    let db = Db::open(folder.path().join("a.db")).await.unwrap();
    let tables = db.create_tables::<(before::Author, before::Book)>().to_sql().unwrap().join(";\n");
    db.migrate(files(&[&tables])).await.unwrap();
    let ada = db.insert(before::Author::builder().name("Ada")).await.unwrap();
    db.insert(before::Book::builder().author_id(&ada)).await.unwrap();
    let diff = db.schema_diff::<(after::Author, after::Book)>().await.unwrap();
    let mends = diff.sql(&Decisions::new().rows_satisfy("authors")).unwrap().join(";\n");
    assert!(mends.contains("DROP TABLE"), "a rebuild: {mends}");
    db.migrate(files(&[&tables, &mends])).await.unwrap();
    db.require_schema::<(after::Author, after::Book)>().await.unwrap();
    assert_eq!(db.select::<after::Book>().count().await.unwrap(), 1);
    assert_eq!(db.get(after::Author::key(1)).await.unwrap().unwrap().name, "Ada");
}
