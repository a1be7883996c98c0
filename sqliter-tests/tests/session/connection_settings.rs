//! What one statement would change for everybody who uses its connection, and for nobody who uses another one.

use std::time::Duration;

use sqliter::prelude::*;
use sqliter::{Error, Record};

#[derive(Debug, Clone, PartialEq, Model)]
struct Author {
    pk: Key<Author>,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    author_id: Key<Author>,
}

async fn open(folder: &tempfile::TempDir) -> Db {
    let db = Db::options().path(folder.path().join("a.db")).max_readers(2).open().await.unwrap();
    db.create_tables::<(Author, Book)>().await.unwrap();
    db
}

/// The settings of a connection, each with another value than it has.
const SETTINGS: [(&str, i64); 27] = [
    ("analysis_limit", 7),
    ("automatic_index", 0),
    ("busy_timeout", 1),
    ("cache_size", 17),
    ("cache_spill", 0),
    ("case_sensitive_like", 1),
    ("cell_size_check", 1),
    ("checkpoint_fullfsync", 1),
    ("defer_foreign_keys", 1),
    ("foreign_keys", 0),
    ("fullfsync", 1),
    ("ignore_check_constraints", 1),
    ("journal_size_limit", 77),
    ("legacy_alter_table", 1),
    ("max_page_count", 1_000),
    ("mmap_size", 65_536),
    ("query_only", 1),
    ("read_uncommitted", 1),
    ("recursive_triggers", 1),
    ("reverse_unordered_selects", 1),
    ("secure_delete", 1),
    ("synchronous", 0),
    ("temp_store", 2),
    ("threads", 2),
    ("trusted_schema", 0),
    ("wal_autocheckpoint", 5),
    ("writable_schema", 1),
];

/// What a connection says of itself.
async fn settings(session: &Session) -> Vec<Option<i64>> {
    let mut all = Vec::new();
    for (name, _) in SETTINGS {
        all.push(session.query::<i64>(format!("PRAGMA {name}")).fetch_one().await.unwrap_or(None));
    }
    all
}

fn assert_refused<T: std::fmt::Debug>(result: sqliter::Result<T>, sql: &str) {
    let error = result.unwrap_err();
    let Error::Refused { sql: named, reason } = &error else { panic!("{sql}: {error:?}") };
    assert_eq!(named, sql);
    let names_a_way = ["DbOptions::", "PRAGMA defer_foreign_keys", "db.begin()", "UTF-8", "journal mode"];
    assert!(names_a_way.iter().any(|way| reason.contains(way)), "{error}");
}

#[tokio::test]
async fn a_setting_of_a_connection_is_refused_however_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(&folder).await;
    let tx = db.begin().await.unwrap();
    let (writer, reader) = (settings(&tx).await, settings(&db).await);
    tx.rollback().await.unwrap();
    for (name, value) in SETTINGS {
        for sql in [
            format!("PRAGMA {name} = {value}"),
            format!("pragma main.{name}({value})"),
            format!("/* a comment */ PRAGMA \"{}\" = '{value}';", name.to_uppercase()),
            // SQLite carries out some pragmas while it compiles them.
            format!("EXPLAIN PRAGMA {name} = {value}"),
        ] {
            assert_refused(db.execute(sql.as_str()).await, &sql);
            assert_refused(db.query::<Record>(sql.as_str()).fetch_all().await, &sql);
            if name != "defer_foreign_keys" {
                let in_transaction = db.transaction(async |tx| tx.execute(sql.as_str()).await).await;
                assert_refused(in_transaction, &sql);
            }
        }
    }
    let tx = db.begin().await.unwrap();
    assert_eq!((settings(&tx).await, settings(&db).await), (writer, reader));
}

#[tokio::test]
async fn what_is_unknown_or_has_an_option_of_its_own_is_refused_too() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(&folder).await;
    for (sql, way) in [
        ("PRAGMA nonsense = 1", "DbOptions::on_connect"),
        ("PRAGMA journal_mode = DELETE", "journal mode"),
        ("PRAGMA locking_mode = EXCLUSIVE", "DbOptions::exclusive"),
        ("PRAGMA encoding = 'UTF-16'", "UTF-8"),
        ("PRAGMA busy_timeout = 1", "DbOptions::busy_timeout"),
        ("PRAGMA foreign_keys = OFF", "DbOptions::on_connect"),
        ("PRAGMA defer_foreign_keys = ON", "db.begin()"),
        ("ATTACH ':memory:' AS other", "DbOptions::on_connect"),
        ("DETACH main", "DbOptions::on_connect"),
        ("CREATE TEMP TABLE scratch (a)", "DbOptions::on_connect"),
        ("CREATE TABLE temp.scratch AS SELECT 1", "DbOptions::on_connect"),
        ("CREATE TABLE temp.scratch (a)", "DbOptions::on_connect"),
        ("CREATE VIEW temp.some AS SELECT 1", "DbOptions::on_connect"),
        ("CREATE VIRTUAL TABLE temp.words USING fts5(word)", "DbOptions::on_connect"),
        ("CREATE TRIGGER temp.some AFTER INSERT ON authors BEGIN SELECT 1; END", "DbOptions::on_connect"),
        ("CREATE TEMP VIEW some AS SELECT 1", "DbOptions::on_connect"),
        ("CREATE TEMP TRIGGER some AFTER INSERT ON authors BEGIN SELECT 1; END", "DbOptions::on_connect"),
    ] {
        for result in [db.execute(sql).await.map(drop), db.query::<Record>(sql).fetch_all().await.map(drop)] {
            assert!(matches!(&result, Err(Error::Refused { reason, .. }) if reason.contains(way)), "{sql}: {result:?}");
        }
    }
    assert_eq!(db.query::<i64>("SELECT COUNT(*) FROM sqlite_temp_schema").fetch_required().await.unwrap(), 0);
}

#[tokio::test]
async fn foreign_keys_are_enforced_for_others_whatever_one_task_asks_for() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(&folder).await;
    let other = db.clone();
    let others = tokio::spawn(async move {
        let mut accepted = 0;
        for _ in 0..50 {
            let orphan = Book::builder().title("x").author_id(Author::key(99));
            accepted += usize::from(other.insert(orphan).await.is_ok());
            tokio::time::sleep(Duration::from_micros(200)).await;
        }
        accepted
    });
    while !others.is_finished() {
        assert!(db.execute("PRAGMA foreign_keys = OFF").await.is_err());
        assert!(db.query::<Record>("PRAGMA foreign_keys(0)").fetch_all().await.is_err());
        tokio::task::yield_now().await;
    }
    assert_eq!(others.await.unwrap(), 0);
}

#[tokio::test]
async fn what_asks_or_acts_on_the_file_is_run() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(&folder).await;
    for sql in
        ["PRAGMA user_version = 7", "PRAGMA application_id = 8", "PRAGMA optimize", "PRAGMA incremental_vacuum(3)"]
    {
        db.execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
    for (sql, expected) in [("PRAGMA user_version", 7), ("PRAGMA main.application_id", 8), ("PRAGMA foreign_keys", 1)] {
        assert_eq!(db.query::<i64>(sql).fetch_required().await.unwrap(), expected, "{sql}");
    }
    for sql in [
        "PRAGMA wal_checkpoint(TRUNCATE)",
        "PRAGMA table_info(books)",
        "PRAGMA main.table_xinfo('books')",
        "PRAGMA foreign_key_list = books",
        "PRAGMA integrity_check(3)",
        "PRAGMA quick_check",
        "SELECT * FROM pragma_table_info('books')",
        "SELECT * FROM pragma_foreign_keys",
    ] {
        let rows = db.query::<Record>(sql).fetch_all().await.unwrap_or_else(|error| panic!("{sql}: {error}"));
        assert!(!rows.is_empty(), "{sql}");
    }
    assert!(db.query::<Record>("PRAGMA foreign_key_check(books)").fetch_all().await.unwrap().is_empty());
    db.execute("VACUUM").await.unwrap();
    let copy = folder.path().join("copy.db");
    db.execute("VACUUM INTO ?").bind(copy.display().to_string()).await.unwrap();
    assert!(copy.exists());
    for sql in [
        "ALTER TABLE books RENAME COLUMN title TO name",
        "ALTER TABLE books ADD COLUMN pages INTEGER",
        "ALTER TABLE books DROP COLUMN pages",
        "ALTER TABLE books RENAME TO volumes",
        "CREATE INDEX by_name ON volumes (name)",
        "CREATE VIEW names AS SELECT name FROM volumes",
        "CREATE TRIGGER kept AFTER INSERT ON volumes BEGIN SELECT 1; END",
        "REINDEX",
        "ANALYZE",
        "DROP TABLE volumes",
    ] {
        db.execute(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
    db.execute("CREATE VIRTUAL TABLE words USING fts5(word)").await.unwrap();
    db.execute("INSERT INTO words VALUES ('a')").await.unwrap();
    db.execute("DROP TABLE words").await.unwrap();
}

/// The one setting that ends with its transaction.
#[tokio::test]
async fn foreign_keys_are_deferred_inside_a_transaction_and_no_longer() {
    let folder = tempfile::tempdir().unwrap();
    let db = open(&folder).await;
    let orphan = || Book::builder().title("x").author_id(Author::key(1));
    let tx = db.begin().await.unwrap();
    tx.transaction(async |inner| inner.execute("PRAGMA defer_foreign_keys = ON").await).await.unwrap();
    tx.insert(orphan()).await.unwrap();
    tx.insert(Author::builder().name("late")).await.unwrap();
    tx.commit().await.unwrap();
    db.delete(Book::key(1)).await.unwrap();
    db.delete(Author::key(1)).await.unwrap();
    assert!(matches!(db.insert(orphan()).await, Err(Error::ForeignKeyViolation { .. })));
    let tx = db.begin().await.unwrap();
    assert!(matches!(tx.insert(orphan()).await, Err(Error::ForeignKeyViolation { .. })));
}

#[tokio::test]
async fn on_connect_may_do_all_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("archive.db");
    let sql = format!(
        "PRAGMA foreign_keys = OFF; PRAGMA recursive_triggers = ON; ATTACH '{}' AS archive; CREATE TEMP TABLE scratch (a)",
        archive.display()
    );
    let db = Db::options().path(folder.path().join("a.db")).on_connect(sql).open().await.unwrap();
    db.create_tables::<(Author, Book)>().await.unwrap();
    db.insert(Book::builder().title("x").author_id(Author::key(99))).await.unwrap();
    for table in ["scratch", "archive.sqlite_schema"] {
        let count = format!("SELECT COUNT(*) FROM {table}");
        assert_eq!(db.query::<i64>(count.as_str()).fetch_required().await.unwrap(), 0);
        let counted = db.transaction(async |tx| tx.query::<i64>(count.as_str()).fetch_required().await).await;
        assert_eq!(counted.unwrap(), 0);
    }
    // What it has made is not for one statement to take away.
    for sql in ["DROP TABLE scratch", "ALTER TABLE temp.scratch ADD COLUMN b", "DETACH archive"] {
        assert!(matches!(db.execute(sql).await, Err(Error::Refused { .. })), "{sql}");
    }
}
