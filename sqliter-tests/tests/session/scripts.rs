//! Texts of several statements: all of them or none.

use sqliter::prelude::*;
use sqliter::{Error, Operation};

#[derive(Debug, Clone, PartialEq, Model)]
struct Word {
    pk: Key<Word>,
    #[model(unique)]
    word: String,
}

async fn words() -> Db {
    let db = Db::memory().await.unwrap();
    db.create_table::<Word>().await.unwrap();
    db
}

async fn all(session: &Session) -> Vec<String> {
    session.select::<Word>().only(|w| w.word).order(|w| w.pk.asc()).fetch_all().await.unwrap()
}

#[tokio::test]
async fn statements_run_one_after_the_other() {
    let db = words().await;
    db.execute_script(
        "-- Words; and what is noted of them.
         CREATE TABLE notes (note TEXT) STRICT;
         CREATE TRIGGER noted AFTER INSERT ON words BEGIN
           INSERT INTO notes VALUES ('new: ' || new.word);
           INSERT INTO notes VALUES ('; and on');
         END;
         ;; INSERT INTO words (word) VALUES ('one;'), ('two'); /* ; */
         SELECT * FROM words;
         PRAGMA user_version = 7;
         UPDATE words SET word = 'ONE' WHERE word = 'one;'",
    )
    .await
    .unwrap();
    assert_eq!(all(&db).await, ["ONE", "two"]);
    let notes = db.query::<String>("SELECT note FROM notes").fetch_all().await.unwrap();
    assert_eq!(notes, ["new: one;", "; and on", "new: two", "; and on"]);
    assert_eq!(db.query::<i64>("PRAGMA user_version").fetch_one().await.unwrap(), Some(7));
    for nothing in ["", " ;\n; ", "-- nothing", "/* nothing"] {
        db.execute_script(nothing).await.unwrap();
    }
}

#[tokio::test]
async fn a_statement_that_fails_undoes_all_and_is_named_by_its_line() {
    let db = words().await;
    db.insert(Word::builder().word("kept")).await.unwrap();
    let script =
        "DELETE FROM words;\nCREATE TABLE other (a);\n\n  INSERT INTO words (word)\n  VALUES ('a'), ('a');\nSELECT 1";
    let error = db.execute_script(script).await.unwrap_err();
    let Error::Script { line: 4, sql, source } = &error else { panic!("{error:?}") };
    assert_eq!(sql, "INSERT INTO words (word)\n  VALUES ('a'), ('a')");
    assert!(matches!(&**source, Error::UniqueViolation { columns, .. } if columns == &["word"]), "{source:?}");
    assert_eq!(error.sqlite().map(|report| report.code), Some(2067));
    assert_eq!(
        error.to_string(),
        "the statement at line 4 of the script failed: execute violates uniqueness of words (word); nothing of the script \
         was kept"
    );
    assert_eq!((all(&db).await, db.table_names().await.unwrap()), (vec!["kept".to_owned()], vec!["words".to_owned()]));
    // SQLite says where a mistake stands.
    let error = db.execute_script("DELETE FROM words;\nINSERT INTO words (word)\n VALUSE ('a')").await.unwrap_err();
    assert!(matches!(&error, Error::Script { line: 3, .. }), "{error:?}");
    let error = db.execute_script("DELETE FROM words;\nSELECT 'open").await.unwrap_err();
    assert!(matches!(&error, Error::Script { line: 2, .. }), "{error:?}");
    let error = db.execute_script("DELETE FROM words; -- \0").await.unwrap_err();
    assert!(error.to_string().contains("NUL character"), "{error}");
    assert_eq!(all(&db).await, ["kept"]);
}

#[tokio::test]
async fn what_belongs_to_one_connection_or_ends_the_transaction_is_refused() {
    let db = words().await;
    for (sql, hint) in [
        ("BEGIN", "a script is one transaction"),
        ("COMMIT", "a script is one transaction"),
        ("END TRANSACTION", "a script is one transaction"),
        ("ROLLBACK", "a script is one transaction"),
        ("SAVEPOINT a", "a script is one transaction"),
        ("RELEASE work", "a script is one transaction"),
        ("PRAGMA foreign_keys = OFF", "PRAGMA defer_foreign_keys = ON"),
        ("PRAGMA case_sensitive_like = ON", "DbOptions::on_connect"),
        ("ATTACH ':memory:' AS other", "DbOptions::on_connect"),
        ("CREATE TEMP TABLE t (a)", "DbOptions::on_connect"),
        ("INSERT INTO words (word) VALUES (?)", "`execute` and `bind`"),
        ("INSERT INTO words (word) VALUES (:word)", "`execute` and `bind`"),
    ] {
        let error = db.execute_script(format!("INSERT INTO words (word) VALUES ('a');\n{sql};")).await.unwrap_err();
        let Error::Script { line: 2, source, .. } = &error else { panic!("{sql}: {error:?}") };
        assert!(matches!(&**source, Error::Refused { reason, .. } if reason.contains(hint)), "{sql}: {source}");
        assert_eq!(all(&db).await, [""; 0], "{sql}");
    }
    let error = db.execute_script("INSERT INTO words (word) VALUES ('a');\nVACUUM").await.unwrap_err();
    assert!(error.to_string().contains("cannot VACUUM from within a transaction"), "{error}");
    let error = db.execute_script("INSERT INTO words (word) VALUES (?)").await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the statement at line 1 of the script failed: nothing gives a placeholder its value here, and it would be NULL: \
         write the value itself, or run this statement from Rust with `execute` and `bind`; the statement was not run: \
         INSERT INTO words (word) VALUES (?); nothing of the script was kept"
    );
    let error = db.execute_script("INSERT INTO words (word) VALUES (\"a\")").await.unwrap_err();
    assert!(error.to_string().contains("no such column"), "{error}");
    assert_eq!(all(&db).await, [""; 0]);
}

#[tokio::test]
async fn inside_a_transaction_a_script_is_a_savepoint() {
    let db = words().await;
    db.transaction(async |tx| {
        tx.insert(Word::builder().word("one")).await?;
        tx.execute_script("INSERT INTO words (word) VALUES ('two'); INSERT INTO words (word) VALUES ('three')").await?;
        let failed = tx.execute_script("DELETE FROM words; INSERT INTO nothing VALUES (1)").await;
        assert!(matches!(failed, Err(Error::Script { line: 1, .. })), "{failed:?}");
        assert_eq!(all(tx).await, ["one", "two", "three"]);
        Ok(())
    })
    .await
    .unwrap();
    assert_eq!(all(&db).await, ["one", "two", "three"]);
    let failed = db.snapshot(async |s| s.execute_script("DELETE FROM words").await).await;
    assert!(matches!(failed, Err(Error::SnapshotReads { operation: Operation::Execute, .. })), "{failed:?}");
}

#[tokio::test]
async fn foreign_keys_may_be_looked_at_when_the_script_ends() {
    let db = Db::memory().await.unwrap();
    db.execute_script(
        "CREATE TABLE authors (pk INTEGER PRIMARY KEY);
         CREATE TABLE books (author INTEGER NOT NULL REFERENCES authors);",
    )
    .await
    .unwrap();
    let books_first = "INSERT INTO books VALUES (1); INSERT INTO authors VALUES (1);";
    let error = db.execute_script(books_first).await.unwrap_err();
    assert!(matches!(&error, Error::Script { source, .. } if matches!(**source, Error::ForeignKeyViolation { .. })));
    db.execute_script(format!("PRAGMA defer_foreign_keys = ON; {books_first}")).await.unwrap();
    let error = db.execute_script("PRAGMA defer_foreign_keys = ON; INSERT INTO books VALUES (2)").await.unwrap_err();
    assert!(matches!(error, Error::ForeignKeyViolation { .. }), "{error:?}");
    assert_eq!(db.query::<i64>("SELECT count(*) FROM books").fetch_one().await.unwrap(), Some(1));
}
