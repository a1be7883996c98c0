//! What a file of a migration may say.

use sqliter::Error;
use sqliter::prelude::*;

use crate::share::{count, files, folder, recorded, schema, versions};

/// The setting of every connection that is used.
async fn settings(db: &Db) -> Vec<i64> {
    let mut all = Vec::new();
    for pragma in
        ["foreign_keys", "legacy_alter_table", "writable_schema", "ignore_check_constraints", "defer_foreign_keys"]
    {
        all.push(db.transaction(async |tx| tx.query(format!("PRAGMA {pragma}")).fetch_required().await).await.unwrap());
    }
    all
}

const AS_OPENED: [i64; 5] = [1, 0, 0, 0, 0];

async fn failed(sql: &str) -> Error {
    let db = Db::memory().await.unwrap();
    let error = db.migrate(files(&["CREATE TABLE kept (a)", sql])).await.unwrap_err();
    assert!(schema(&db).await.is_empty(), "{sql}: everything is undone");
    assert_eq!(settings(&db).await, AS_OPENED, "{sql}");
    db.migrate(files(&["CREATE TABLE kept (a)"])).await.unwrap();
    error
}

#[tokio::test]
async fn a_file_has_any_number_of_statements_with_comments_and_triggers() {
    let db = Db::memory().await.unwrap();
    let sql = "\u{feff}-- the first; one
        CREATE TABLE books (pk INTEGER PRIMARY KEY, title TEXT NOT NULL, changes INTEGER NOT NULL DEFAULT 0);
        /* and ; a trigger */
        CREATE TRIGGER counted AFTER UPDATE OF title ON books BEGIN
            UPDATE books SET changes = CASE WHEN new.title = 'a;b' THEN 100 ELSE changes + 1 END WHERE pk = new.pk;
        END;
        INSERT INTO books (title) VALUES ('one; -- two');;
        SELECT * FROM books;
        SAVEPOINT here; DELETE FROM books; ROLLBACK TO here; RELEASE here;
        UPDATE books SET title = 'a;b' -- no semicolon at the end";
    db.migrate(files(&[sql, "", "-- nothing but words"])).await.unwrap();
    assert_eq!(recorded(&db).await, [1, 2, 3]);
    let row: (String, i64) = db.query("SELECT title, changes FROM books").fetch_required().await.unwrap();
    assert_eq!(row, ("a;b".to_owned(), 100));
}

#[tokio::test]
async fn a_file_that_takes_double_quotes_for_those_of_a_text_means_what_it_means_to_sqlite() {
    let folder = folder();
    let db = Db::options().path(folder.path().join("a.db")).max_readers(1).open().await.unwrap();
    let quoted = "CREATE TABLE a (b TEXT NOT NULL DEFAULT \"draft\"); INSERT INTO a VALUES (\"x\"); INSERT INTO a DEFAULT VALUES";
    db.migrate(files(&[quoted, "ALTER TABLE a RENAME COLUMN b TO c", "UPDATE a SET c = \"y\" WHERE c = \"x\""]))
        .await
        .unwrap();
    let texts: Vec<String> = db.query("SELECT c FROM a").fetch_all().await.unwrap();
    assert_eq!(texts, ["y", "draft"]);
    for refused in [
        db.execute("UPDATE a SET c = \"z\"").await,
        db.execute("CREATE TABLE d (e DEFAULT \"f\", CHECK (\"g\"))").await,
    ] {
        assert!(refused.is_err(), "elsewhere they are around names only");
    }
}

#[tokio::test]
async fn the_statement_that_fails_is_named_with_its_line() {
    let error =
        failed("CREATE TABLE a (b);\n\n-- wrong\nINSERT INTO a\n  VALUES (1,\n  nowhere);\nCREATE TABLE c (d)").await;
    let Error::Migration { version: 2, description, statement, line: Some(6), kept, in_part: false, .. } = &error
    else {
        panic!("{error:?}");
    };
    assert_eq!((description.as_str(), kept.as_slice()), ("second", [].as_slice()));
    assert_eq!(statement.as_deref(), Some("INSERT INTO a\n  VALUES (1,\n  nowhere)"));
    assert_eq!(
        error.to_string(),
        "migration 2 (second) failed at line 6: cannot execute INSERT INTO a\n  VALUES (1,\n  nowhere): no such column: nowhere \
         (SQLite result code 1): the table in the file has other columns than the statement names: migrate the file, or correct \
         the model or the SQL; everything of the call was undone"
    );
    assert_eq!(error.sqlite().unwrap().message, "no such column: nowhere");
    let error = failed("CREATE TABLE a (b UNIQUE);\nINSERT INTO a VALUES (1);\nINSERT INTO a VALUES (1);").await;
    assert!(error.to_string().starts_with("migration 2 (second) failed at line 3: "), "{error}");
}

#[tokio::test]
async fn foreign_keys_are_off_whatever_the_file_says_of_them() {
    let db = Db::memory().await.unwrap();
    let tables = "CREATE TABLE a (pk INTEGER PRIMARY KEY); CREATE TABLE b (a REFERENCES a ON DELETE CASCADE);
        INSERT INTO a VALUES (1); INSERT INTO b VALUES (1);";
    let rebuild = |begin: &str, end: &str| {
        format!(
            "{begin} CREATE TABLE n (pk INTEGER PRIMARY KEY, c); INSERT INTO n (pk) SELECT pk FROM a; DROP TABLE a;
            ALTER TABLE n RENAME TO a; {end}"
        )
    };
    let rebuilds = [
        rebuild("", ""),
        rebuild("PRAGMA foreign_keys = OFF;", "PRAGMA foreign_key_check; PRAGMA foreign_keys = ON;"),
        rebuild("PRAGMA foreign_keys = ON;", "pragma main.foreign_keys(1);"),
        rebuild("PRAGMA defer_foreign_keys = ON;", "PRAGMA journal_mode = wal"),
    ];
    let mut all = vec![tables];
    all.extend(rebuilds.iter().map(String::as_str));
    db.migrate(files(&all)).await.unwrap();
    assert_eq!(count(&db, "b").await, 1);
    assert_eq!(settings(&db).await, AS_OPENED);
}

#[tokio::test]
async fn settings_that_a_rebuild_needs_hold_until_the_end_of_the_file() {
    let folder = folder();
    let db = Db::options().path(folder.path().join("a.db")).max_readers(1).open().await.unwrap();
    let old_way = "
        PRAGMA legacy_alter_table = ON;
        CREATE TABLE a (pk INTEGER PRIMARY KEY);
        CREATE TABLE b (a REFERENCES a);
        ALTER TABLE a RENAME TO old_a;
        CREATE TABLE a (pk INTEGER PRIMARY KEY, c);
        DROP TABLE old_a;";
    let by_hand = "
        CREATE TABLE d (e INTEGER CHECK (e > 0));
        PRAGMA writable_schema = 1;
        UPDATE sqlite_schema SET sql = 'CREATE TABLE d (e INTEGER CHECK (e > 1))' WHERE name = 'd';
        PRAGMA ignore_check_constraints = ON;
        INSERT INTO d VALUES (-1); UPDATE d SET e = 5;";
    db.migrate(files(&[old_way, "ALTER TABLE a RENAME TO f", by_hand])).await.unwrap();
    assert_eq!(settings(&db).await, AS_OPENED);
    let now = schema(&db).await;
    assert!(now.contains(&"CREATE TABLE b (a REFERENCES \"f\")".to_owned()), "renaming means it again: {now:?}");
    assert!(now.contains(&"CREATE TABLE d (e INTEGER CHECK (e > 1))".to_owned()), "{now:?}");
}

#[tokio::test]
async fn what_is_temporary_ends_with_its_file() {
    let db = Db::options().on_connect("CREATE TEMP TABLE of_all (a)").open().await.unwrap();
    let one = "
        CREATE TEMP TABLE kept_apart AS SELECT 1 AS a;
        CREATE TEMPORARY VIEW shown AS SELECT * FROM kept_apart;
        CREATE TABLE b AS SELECT a FROM shown;
        CREATE TEMP TRIGGER seen AFTER INSERT ON b BEGIN INSERT INTO kept_apart VALUES (new.a); END;
        INSERT INTO b VALUES (2);";
    db.migrate(files(&[one, "INSERT INTO b VALUES (3)"])).await.unwrap();
    assert_eq!(count(&db, "b").await, 3);
    let left: Vec<String> = db.query("SELECT name FROM temp.sqlite_schema").fetch_all().await.unwrap();
    assert_eq!(left, ["of_all"]);
}

#[tokio::test]
async fn what_would_stay_with_one_connection_is_refused_with_the_file_and_the_reason() {
    for (sql, reason) in [
        ("PRAGMA temp_store = 2", "the setting is one of a connection"),
        ("PRAGMA cache_size = 100", "set it for all of them with `DbOptions::cache_size`"),
        ("PRAGMA busy_timeout = 1", "set it with `DbOptions::busy_timeout`"),
        ("PRAGMA journal_mode = DELETE", "all connections rest on the journal mode"),
        ("ATTACH ':memory:' AS other", "a database is attached to one connection"),
        ("SELECT ?", "nothing gives a placeholder its value here"),
    ] {
        let error = failed(&format!("SELECT 1;\n{sql};")).await;
        let text = error.to_string();
        assert!(text.starts_with("migration 2 (second) failed at line 2: "), "{text}");
        assert!(text.contains(reason), "{text}");
        assert!(matches!(&error, Error::Migration { source, .. }
            if matches!(source.downcast_ref(), Some(Error::Refused { .. }))));
    }
}

#[tokio::test]
async fn a_file_does_not_end_the_transaction_that_it_runs_in() {
    for sql in ["BEGIN; SELECT 1; COMMIT", "COMMIT", "ROLLBACK", "end transaction", "ROLLBACK TRANSACTION"] {
        let error = failed(sql).await;
        assert!(error.to_string().contains("begin the text with `-- no-transaction`"), "{error}");
    }
    let error =
        failed("CREATE TABLE a (b UNIQUE); INSERT INTO a VALUES (1); INSERT OR ROLLBACK INTO a VALUES (1)").await;
    assert!(
        error.to_string().contains("UNIQUE constraint failed") || error.to_string().contains("violates"),
        "{error}"
    );
}

#[tokio::test]
async fn a_file_without_a_transaction_runs_by_itself() {
    let folder = folder();
    let db = Db::open(folder.path().join("a.db")).await.unwrap();
    let bare = "-- no-transaction
        PRAGMA foreign_keys = ON;
        BEGIN; INSERT INTO a VALUES (1); COMMIT;
        VACUUM;";
    let all = files(&["CREATE TABLE a (b)", bare, "INSERT INTO a VALUES (2)"]);
    assert_eq!(versions(&db.migrate(&all).await.unwrap()), [1, 2, 3]);
    assert_eq!((count(&db, "a").await, recorded(&db).await), (2, vec![1, 2, 3]));
    assert_eq!(settings(&db).await, AS_OPENED);
    assert!(db.migrate(&all).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_fails_after_a_file_without_a_transaction_is_undone_up_to_there() {
    let folder = folder();
    let db = Db::open(folder.path().join("a.db")).await.unwrap();
    let tables = ["CREATE TABLE a (b)", "-- no-transaction\nCREATE TABLE c (d)", "CREATE TABLE e (f)", "nonsense"];
    let error = db.migrate(files(&tables)).await.unwrap_err();
    assert!(matches!(&error, Error::Migration { version: 4, kept, in_part: false, .. } if *kept == [1, 2]));
    assert!(error.to_string().ends_with("; of the call, only 1, 2 stays done"), "{error}");
    assert_eq!(schema(&db).await, ["CREATE TABLE a (b)", "CREATE TABLE c (d)"]);
    assert_eq!(recorded(&db).await, [1, 2]);

    let bare = "-- no-transaction\nCREATE TABLE g (h);\nBEGIN; CREATE TABLE i (j); nonsense";
    let error = db.migrate(files(&[tables[0], tables[1], tables[2], bare])).await.unwrap_err();
    assert!(matches!(&error, Error::Migration { version: 4, kept, in_part: true, .. } if *kept == [3]));
    let told = "; it runs without a transaction, so what it did before stays, and so does 3 of the same call";
    assert!(error.to_string().ends_with(told), "{error}");
    assert_eq!(schema(&db).await.len(), 4, "what was inside a transaction of the file is undone");
    assert_eq!(recorded(&db).await, [1, 2, 3], "so that it can run again");
    assert_eq!(settings(&db).await, AS_OPENED);

    let open = "-- no-transaction\nBEGIN; CREATE TABLE k (l)";
    let error = db.migrate(files(&[tables[0], tables[1], tables[2], open])).await.unwrap_err();
    assert!(error.to_string().contains("the text leaves a transaction open; end it with COMMIT"), "{error}");
    assert_eq!(schema(&db).await.len(), 4);
}

#[tokio::test]
async fn statements_of_a_migration_are_logged_as_any_other() {
    let db = Db::memory().await.unwrap();
    let before = db.statement_count();
    db.migrate(files(&["CREATE TABLE a (b); INSERT INTO a VALUES (1); INSERT INTO a VALUES (2)"])).await.unwrap();
    assert!(db.statement_count() >= before + 3);
}
