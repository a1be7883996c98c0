//! Texts of SQL that are not run, and what to write instead; and which statement a text is.

use sqliter::Error;
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    #[model(default = 0)]
    returning_at: i64,
}

async fn books() -> Db {
    let db = Db::memory().await.unwrap();
    db.create_table::<Book>().await.unwrap();
    db.bulk_insert(["a", "b"].map(|title| Book::builder().title(title))).await.unwrap();
    db
}

/// What comes of a text, however it is run.
async fn outcomes(session: &Session, sql: &str) -> [Error; 3] {
    [
        session.execute(sql).await.unwrap_err(),
        session.query::<i64>(sql).fetch_all().await.unwrap_err(),
        session.query::<Record>(sql).fetch_one().await.unwrap_err(),
    ]
}

#[tokio::test]
async fn a_text_with_a_nul_character_is_not_cut_off_but_refused() {
    let db = books().await;
    let before = db.statement_count();
    for sql in [
        "DELETE FROM books \0 WHERE title = 'nobody'",
        "DELETE FROM books \0",
        "DELETE FROM books WHERE title = 'a\0'",
        "SELECT 1 \0, 2",
        "\0DELETE FROM books",
        "/* \0 */ SELECT 1",
    ] {
        for error in outcomes(&db, sql).await {
            let Error::NulCharacter { sql: named, position } = &error else { panic!("{error:?}") };
            assert_eq!((named.as_str(), Some(*position)), (sql, sql.find('\0')));
            assert!(!error.to_string().contains('\0'), "{error}");
        }
    }
    assert_eq!(db.statement_count(), before, "nothing ran");
    // As an argument it is a character as any other.
    db.execute("UPDATE books SET title = ?").bind("a\0b").await.unwrap();
    assert_eq!(db.select::<Book>().only(|b| b.title).fetch_all().await.unwrap(), ["a\0b", "a\0b"]);
}

#[tokio::test]
async fn a_nul_character_in_a_default_is_an_error_of_the_creation() {
    #[derive(Debug, Clone, PartialEq, Model)]
    struct Odd {
        pk: Key<Odd>,
        #[model(default = "a\0b")]
        text: String,
    }
    let db = Db::memory().await.unwrap();
    let error = db.create_table::<Odd>().await.unwrap_err();
    assert!(matches!(&error, Error::TableCreation { table, .. } if table == "odds"), "{error:?}");
    assert!(error.to_string().contains("NUL character"), "{error}");
    assert!(db.table_names().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_text_without_a_statement_is_an_error() {
    let db = books().await;
    for sql in ["", " ", ";", " ;; ", "-- DELETE FROM books", "/* DELETE */ ;", "/* not closed DELETE"] {
        for error in outcomes(&db, sql).await {
            assert!(matches!(&error, Error::EmptyStatement { sql: named } if named == sql), "{error:?}");
        }
    }
    assert_eq!(db.execute("").await.unwrap_err().to_string(), "there is no statement to run in the text \"\"");
}

#[tokio::test]
async fn statements_of_transactions_are_refused_and_name_the_method() {
    let db = books().await;
    let cases = [
        ("BEGIN", "db.begin()"),
        ("begin immediate", "db.transaction("),
        ("BEGIN EXCLUSIVE TRANSACTION;", "db.begin()"),
        ("COMMIT", "tx.commit()"),
        (" ; -- so\n/* be it */ End Transaction", "tx.commit()"),
        ("ROLLBACK", "tx.rollback()"),
        ("ROLLBACK TO work", "tx.rollback()"),
        ("SAVEPOINT work", "tx.transaction("),
        ("RELEASE work", "tx.begin()"),
    ];
    for (sql, method) in cases {
        for error in outcomes(&db, sql).await {
            let Error::StatementRefused { sql: named, reason } = &error else { panic!("{error:?}") };
            assert_eq!(named, sql);
            assert!(reason.contains(method), "{sql}: {reason}");
            assert!(error.to_string().starts_with("the statement was not run: "), "{error}");
        }
    }
    let tx = db.begin().await.unwrap();
    tx.insert(Book::builder().title("kept")).await.unwrap();
    let inner = tx.begin().await.unwrap();
    inner.insert(Book::builder().title("too")).await.unwrap();
    for (sql, _) in cases {
        for error in outcomes(&inner, sql).await {
            assert!(matches!(error, Error::StatementRefused { .. }), "{error:?}");
        }
    }
    inner.commit().await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(db.select::<Book>().count().await.unwrap(), 4);
    // What only names them is run.
    assert!(!db.query::<Record>("EXPLAIN COMMIT").fetch_all().await.unwrap().is_empty());
    db.execute("CREATE TABLE \"commit\" (\"begin\")").await.unwrap();
    assert_eq!(db.execute("INSERT INTO \"commit\" VALUES ('ROLLBACK')").await.unwrap(), 1);
}

#[tokio::test]
async fn attaching_is_refused_as_it_would_reach_one_connection() {
    let db = books().await;
    for sql in ["ATTACH ':memory:' AS other", "attach database ? as x", "DETACH other", "/**/DETACH DATABASE main"] {
        for error in outcomes(&db, sql).await {
            let Error::StatementRefused { reason, .. } = &error else { panic!("{error:?}") };
            assert!(reason.contains("on_connect"), "{reason}");
        }
    }
    assert_eq!(db.query::<i64>("SELECT count(*) FROM pragma_database_list").fetch_required().await.unwrap(), 1);
}

#[tokio::test]
async fn what_a_statement_is_does_not_depend_on_the_words_in_it() {
    let db = books().await;
    // A column, a text and a comment with the word in it return no rows.
    for sql in [
        "UPDATE books SET returning_at = 1",
        "UPDATE books SET title = 'RETURNING *' WHERE title = 'a'",
        "/* returning */ UPDATE books SET returning_at = 2 -- RETURNING pk",
    ] {
        assert!(db.execute(sql).await.unwrap() > 0, "{sql}");
        assert!(matches!(db.query::<i64>(sql).fetch_all().await, Err(Error::ReturnsNoRows { .. })), "{sql}");
    }
    // A statement that reads returns rows even where it finds none, and is not run as one that writes.
    for sql in ["SELECT returning_at FROM books WHERE FALSE", "VALUES (1)", "WITH x AS (SELECT 1) SELECT * FROM x"] {
        assert!(matches!(db.execute(sql).await, Err(Error::ReturnsRows { .. })), "{sql}");
    }
    // Behind a comment it is the same statement.
    let insert = "-- note\n ; /* SELECT */ INSERT INTO books (title) VALUES ('c') RETURNING title, pk";
    assert!(matches!(db.execute(insert).await, Err(Error::ReturnsRows { .. })));
    assert!(matches!(db.query::<(i64, i64)>(insert).fetch_all().await, Err(Error::Decode { .. })));
    assert_eq!(db.select::<Book>().count().await.unwrap(), 2, "what cannot be read is undone");
    assert_eq!(db.query::<(String, i64)>(insert).fetch_all().await.unwrap(), [("c".to_owned(), 3)]);
    let with = "WITH n(t) AS (VALUES ('d')) INSERT INTO books (title) SELECT t FROM n RETURNING pk";
    assert_eq!(db.query::<i64>(with).fetch_all().await.unwrap(), [4]);
}
