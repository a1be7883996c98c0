//! The search is what the table is, whoever writes it, and however.

use super::library::*;
use sqliter::prelude::*;

#[tokio::test]
async fn each_kind_of_write_keeps_the_search_true() -> sqliter::Result<()> {
    let db = library().await?;
    let author = db.insert(Author::builder().name("Mary")).await?;
    let mut book = db.insert(Book::builder().title("First").body("alpha").author_id(&author)).await?;
    is_true(&db).await?;
    db.bulk_insert(["Second", "Third", "Fourth"].map(|title| Book::builder().title(title).body("beta"))).await?;
    is_true(&db).await?;
    assert_eq!(titles(&db, "beta").await?, ["Second", "Third", "Fourth"]);

    book.body = Some("gamma".to_owned());
    db.update(&mut book).await?;
    is_true(&db).await?;
    assert!(titles(&db, "alpha").await?.is_empty());
    assert_eq!(titles(&db, "gamma").await?, ["First"]);

    let changed = db.select::<Book>().filter(|b| b.search.matches("beta")).update(|b| b.body.set("delta")).await?;
    assert_eq!(changed, 3);
    is_true(&db).await?;
    let mut rows = db.select::<Book>().fetch_all().await?;
    rows.iter_mut().for_each(|row| row.title.push_str(" edition"));
    db.bulk_update(&mut rows).await?;
    is_true(&db).await?;
    db.patch(book.pk, BookPatch { body: Some(None), ..Default::default() }).await?;
    is_true(&db).await?;
    assert!(titles(&db, "gamma").await?.is_empty());

    db.delete(book.pk).await?;
    is_true(&db).await?;
    assert!(titles(&db, "first").await?.is_empty(), "deleted softly");
    let all = db.select::<Book>().with_deleted().filter(|b| b.search.matches("first")).count().await?;
    assert_eq!(all, 1, "the table has it");
    db.select::<Book>().only_deleted().restore().await?;
    assert_eq!(titles(&db, "first").await?, ["First edition"]);
    is_true(&db).await?;
    db.select::<Book>().filter(|b| b.title.starts_with("Second")).delete_for_good().await?;
    is_true(&db).await?;
    db.delete(author.pk).await?;
    is_true(&db).await?;
    assert!(titles(&db, "first").await?.is_empty(), "the book went with its author");
    Ok(())
}

#[tokio::test]
async fn upserts_keep_the_search_true() -> sqliter::Result<()> {
    let db = library().await?;
    let draft = |isbn: &str, title: &str| Book::builder().title(title).isbn(isbn.to_owned()).body("text");
    db.bulk_insert([draft("1", "One"), draft("2", "Two")]).await?;
    let drafts = || [draft("1", "Eins"), draft("3", "Drei"), draft("3", "Three")];
    assert_eq!(db.bulk_upsert(drafts(), |b| b.isbn).ignore().await?, 1);
    is_true(&db).await?;
    assert_eq!(titles(&db, "text").await?, ["One", "Two", "Drei"]);
    db.bulk_upsert(drafts(), |b| b.isbn).update(|b| b.title).await?;
    is_true(&db).await?;
    assert_eq!(titles(&db, "eins").await?, ["Eins"]);
    assert!(titles(&db, "one").await?.is_empty());
    // What was only ignored is not mistaken for replaced.
    db.bulk_upsert([draft("2", "Zwei")], |b| b.isbn).ignore().await?;
    db.execute("UPDATE books SET pk = 70 WHERE isbn = '2'").await?;
    is_true(&db).await?;
    db.insert(draft("4", "Vier")).await?;
    is_true(&db).await?;
    Ok(())
}

#[tokio::test]
async fn rows_that_give_way_leave_the_search() -> sqliter::Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open(folder.path().join("books.db")).await?;
    db.create_tables::<(Author, Book)>().await?;
    for recursive in [false, true] {
        // A connection of another program.
        let other = rusqlite::Connection::open(folder.path().join("books.db")).unwrap();
        other.pragma_update(None, "recursive_triggers", recursive).unwrap();
        let rows = "DELETE FROM books; INSERT INTO books (pk, title, isbn, shelf, place) VALUES (1, 'alpha', 'a', 's', 1), \
                    (2, 'beta', 'b', 's', 2), (3, 'gamma', 'c', 's', 3), (4, 'delta', 'd', 's', 4)";
        other.execute_batch(rows).unwrap();
        for sql in [
            // By the key, a unique column, a unique index of two columns, one over an expression, and several at once.
            "INSERT OR REPLACE INTO books (pk, title) VALUES (1, 'one')",
            "REPLACE INTO books (title, isbn) VALUES ('two', 'b')",
            "INSERT OR REPLACE INTO books (title, shelf, place) VALUES ('three', 's', 3)",
            "INSERT OR REPLACE INTO books (title, place) VALUES ('DELTA', 9)",
            "UPDATE OR REPLACE books SET isbn = 'b' WHERE title = 'DELTA'",
            "UPDATE OR REPLACE books SET pk = 1, place = NULL WHERE title = 'three'",
            "INSERT OR IGNORE INTO books (pk, title) VALUES (1, 'nothing')",
            "INSERT OR REPLACE INTO books (pk, title, isbn, shelf, place) VALUES (1, 'five', 'b', 's', 3)",
        ] {
            other.execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
            is_true(&db).await.unwrap_or_else(|error| panic!("{recursive} {sql}: {error}"));
        }
        assert!(titles(&db, "alpha").await?.is_empty());
        assert_eq!(titles(&db, "five").await?, ["five"]);
    }
    Ok(())
}

/// What is unique is said in SQL.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(
    search(title),
    constraint = "CONSTRAINT places UNIQUE (shelf COLLATE NOCASE, \"place no\") ON CONFLICT REPLACE",
    constraint = "CHECK (shelf <> 'UNIQUE (shelf)')"
)]
struct Record {
    pk: Key<Record>,
    title: String,
    shelf: Option<String>,
    #[model(column = "place no")]
    place: Option<i64>,
    #[model(sql = "TEXT COLLATE NOCASE UNIQUE", collate = nocase)]
    label: Option<String>,
}

#[tokio::test]
async fn rows_that_give_way_by_a_constraint_in_sql_leave_the_search() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.create_table::<Record>().await?;
    let record = |title: &str| Record::builder().title(title);
    let shelf = |title: &str, shelf: &str| record(title).shelf(shelf.to_owned()).place(1);
    db.bulk_insert([shelf("first", "a"), shelf("second", "b")]).await?;
    db.insert(record("third").label("x".to_owned())).await?;
    let is_true = async || {
        db.execute("INSERT INTO records_search (records_search, rank) VALUES ('integrity-check', 1)").await?;
        let rows: (i64, i64) = db
            .query("SELECT (SELECT count(*) FROM records), (SELECT count(*) FROM records_search_docsize)")
            .fetch_required()
            .await?;
        assert_eq!(rows.0, rows.1);
        sqliter::Result::Ok(rows.0)
    };
    // By the constraint, as its own clause says.
    db.insert(shelf("fourth", "A")).await?;
    assert_eq!(is_true().await?, 3);
    db.execute("REPLACE INTO records (title, label) VALUES ('fifth', 'X')").await?;
    assert_eq!(is_true().await?, 3);
    db.execute("UPDATE records SET shelf = 'B' WHERE title = 'fourth'").await?;
    assert_eq!(is_true().await?, 2);
    for gone in ["first", "second", "third"] {
        assert_eq!(db.select::<Record>().filter(|r| r.search.matches(gone)).count().await?, 0, "{gone}");
    }
    assert!(db.schema_diff::<(Record,)>().await?.is_empty());
    Ok(())
}

mod of_titles {
    use sqliter::prelude::*;

    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(search(title))]
    pub(super) struct Text {
        pub(super) pk: Key<Text>,
        pub(super) title: String,
        pub(super) body: String,
    }
}

mod of_bodies {
    use sqliter::prelude::*;

    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(search(body, title))]
    pub(super) struct Text {
        pub(super) pk: Key<Text>,
        pub(super) title: String,
        pub(super) body: String,
    }
}

/// The table of what gives way has its columns in another order then.
#[tokio::test]
async fn rows_that_give_way_leave_a_search_that_was_one_over_other_columns() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.create_table::<of_titles::Text>().await?;
    db.insert(of_titles::Text::builder().title("alpha").body("beta")).await?;
    let diff = db.schema_diff::<(of_bodies::Text,)>().await?;
    for statement in diff.sql(&sqliter::schema::Decisions::new())? {
        db.execute(statement).await?;
    }
    assert!(db.schema_diff::<(of_bodies::Text,)>().await?.is_empty());
    db.execute("REPLACE INTO texts (pk, title, body) VALUES (1, 'gamma', 'delta')").await?;
    db.execute("INSERT INTO texts_search (texts_search, rank) VALUES ('integrity-check', 1)").await?;
    let texts = db.select::<of_bodies::Text>();
    assert_eq!(texts.clone().filter(|t| t.search.matches("alpha")).count().await?, 0);
    assert_eq!(texts.filter(|t| t.search.body.matches("delta")).count().await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_write_that_fails_or_is_undone_leaves_the_search_as_it_was() -> sqliter::Result<()> {
    let db = library().await?;
    db.insert(Book::builder().title("kept").isbn("1".to_owned())).await?;
    db.insert(Book::builder().title("second").isbn("1".to_owned())).await.unwrap_err();
    is_true(&db).await?;
    let undone = db
        .transaction(async |tx| {
            tx.insert(Book::builder().title("undone")).await?;
            assert_eq!(titles(tx, "undone").await?, ["undone"]);
            tx.insert(Book::builder().title("third").isbn("1".to_owned())).await
        })
        .await;
    assert!(undone.is_err());
    is_true(&db).await?;
    assert_eq!(titles(&db, sqliter::search::any("kept second undone")).await?, ["kept"]);
    Ok(())
}

#[tokio::test]
async fn long_texts_are_searched() -> sqliter::Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open(folder.path().join("books.db")).await?;
    db.create_tables::<(Author, Book)>().await?;
    let body = format!("{}needle", "hay ".repeat(100_000));
    let mut book = db.insert(Book::builder().title("Stack").body(body.clone())).await?;
    for _ in 0..3 {
        assert_eq!(titles(&db, "needle").await?, ["Stack"]);
        let snippets: Vec<Option<String>> = db
            .select::<Book>()
            .search(|b| b.search.matches("needle"))
            .only(|b| b.search.body.snippet("", "", "…", 3))
            .fetch_all()
            .await?;
        assert_eq!(snippets, [Some("…hay hay needle".to_owned())]);
        book.title = "Stack".to_owned();
        book.body = Some(format!("more {}", book.body.unwrap_or_default()));
        db.update(&mut book).await?;
        is_true(&db).await?;
    }
    Ok(())
}
