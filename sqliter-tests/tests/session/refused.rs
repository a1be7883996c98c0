//! Raw statements that are not run: what belongs to one connection, what is no statement, what SQLite would cut.

use sqliter::prelude::*;
use sqliter::{Error, Record};

#[derive(Debug, Clone, PartialEq, Model)]
struct Book {
    pk: Key<Book>,
    title: String,
}

async fn two_books() -> Db {
    let db = Db::memory().await.unwrap();
    db.create_table::<Book>().await.unwrap();
    db.bulk_insert(["a", "b"].map(|title| Book::builder().title(title))).await.unwrap();
    db
}

#[tokio::test]
async fn a_text_with_a_nul_character_is_never_run_up_to_it() {
    let db = two_books().await;
    for sql in ["DELETE FROM books \0 WHERE title = 'nobody'", "\0", "DELETE FROM books\0", "DELETE FROM books; \0"] {
        let executed = db.execute(sql).await.unwrap_err();
        assert!(matches!(&executed, Error::SqlExecution { sql: named, .. } if named == sql), "{executed:?}");
        assert!(executed.to_string().contains("NUL character at byte"), "{executed}");
        let queried = db.query::<i64>(sql).fetch_all().await.unwrap_err();
        assert!(matches!(&queried, Error::SqlExecution { .. }), "{queried:?}");
    }
    assert_eq!(db.select::<Book>().count().await.unwrap(), 2);
    // As an argument it is text like any other.
    let bound = db.query::<String>("SELECT ?").bind("a\0b").fetch_required().await.unwrap();
    assert_eq!(bound, "a\0b");
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Label {
    pk: Key<Label>,
    #[model(default = "a\0b'c")]
    text: String,
    number: i64,
}

#[tokio::test]
async fn a_default_with_a_nul_character_is_kept_whole() {
    let db = Db::memory().await.unwrap();
    db.create_table::<Label>().await.unwrap();
    db.execute("INSERT INTO labels (number) VALUES (1)").await.unwrap();
    assert_eq!(db.select::<Label>().fetch_required().await.unwrap().text, "a\0b'c");
}

#[tokio::test]
async fn statements_of_transactions_are_refused_with_the_way_to_have_one() {
    let db = two_books().await;
    for sql in [
        "BEGIN",
        "begin immediate",
        "COMMIT",
        "END TRANSACTION",
        "ROLLBACK",
        "ROLLBACK TO nested_1",
        "SAVEPOINT mine",
        "RELEASE nested_1",
        " ;\n-- a comment\n/* another */ Commit;",
        "\u{feff}COMMIT",
    ] {
        for error in [db.execute(sql).await.unwrap_err(), db.query::<i64>(sql).fetch_all().await.unwrap_err()] {
            assert!(matches!(&error, Error::Refused { sql: named, .. } if named == sql), "{error:?}");
            assert!(error.to_string().contains("tx.commit()"), "{error}");
        }
    }
    // Inside a transaction too, which goes on as if nothing had been asked.
    let undone = db.transaction(async |tx| {
        tx.insert(Book::builder().title("c")).await?;
        assert!(matches!(tx.execute("COMMIT").await, Err(Error::Refused { .. })));
        assert_eq!(tx.select::<Book>().count().await?, 3);
        tx.execute("ROLLBACK").await.map(drop)
    });
    assert!(matches!(undone.await, Err(Error::Refused { .. })));
    assert_eq!(db.select::<Book>().count().await.unwrap(), 2);
    // It is the first word that counts.
    assert_eq!(db.query::<String>("SELECT 'COMMIT'").fetch_required().await.unwrap(), "COMMIT");
    db.query::<Record>("EXPLAIN COMMIT").fetch_all().await.unwrap();
}

#[tokio::test]
async fn attaching_to_one_of_many_connections_is_refused() {
    let db = two_books().await;
    for sql in ["ATTACH ':memory:' AS other", "/**/detach main", "EXPLAIN ATTACH ':memory:' AS other"] {
        let error = db.execute(sql).await.unwrap_err();
        assert!(matches!(&error, Error::Refused { reason, .. } if reason.contains("on_connect")), "{error:?}");
    }
}

#[tokio::test]
async fn a_text_without_a_statement_is_an_error() {
    let db = two_books().await;
    for sql in ["", " ", ";", " ; ;; ", "-- nothing", "/* nothing */", "/* open"] {
        for error in [db.execute(sql).await.unwrap_err(), db.query::<i64>(sql).fetch_all().await.unwrap_err()] {
            assert!(matches!(&error, Error::NoStatement { sql: named } if named == sql), "{error:?}");
        }
    }
}

#[tokio::test]
async fn the_word_returning_in_a_name_or_a_comment_is_no_clause() {
    let db = Db::memory().await.unwrap();
    db.execute("CREATE TABLE loans (returning_at TEXT, back TEXT)").await.unwrap();
    db.execute("INSERT INTO loans VALUES ('a', 'b') -- returning soon").await.unwrap();
    db.execute("ALTER TABLE loans ADD COLUMN returning_by TEXT").await.unwrap();
    assert_eq!(db.execute("UPDATE loans SET returning_at = 'RETURNING'").await.unwrap(), 1);
    for sql in [
        "UPDATE loans SET back = 'c' RETURNING back",
        "/* x */ WITH a AS (SELECT 1) UPDATE loans SET back = 'c' RETURNING back",
        "REPLACE INTO loans VALUES ('a', 'c', 'd') RETURNING back",
    ] {
        assert!(matches!(db.execute(sql).await, Err(Error::ReturnsRows { .. })), "{sql}");
    }
    assert_eq!(db.query::<String>("SELECT back FROM loans").fetch_all().await.unwrap(), ["b"]);
}
