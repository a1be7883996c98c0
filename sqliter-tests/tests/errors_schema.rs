//! Files whose schema does not fit: which table, column or index is missing, who refers to it, and what to do.

use std::error::Error as _;

use sqliter::prelude::*;
use sqliter::{Error, Operation, SqliteError};

#[derive(Debug, Clone, PartialEq, Model)]
struct Author {
    pk: Key<Author>,
    #[model(unique)]
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    author_id: Key<Author>,
}

fn other(path: &std::path::Path, sql: &str) {
    let other = rusqlite::Connection::open(path).unwrap();
    other.execute_batch(&format!("PRAGMA foreign_keys = OFF; {sql}")).unwrap();
}

/// The missing table and what refers to it.
#[track_caller]
fn missing<T: std::fmt::Debug>(result: sqliter::Result<T>) -> (String, Vec<String>) {
    match result {
        Err(Error::NoSuchTable { missing, referred_by, .. }) => (missing, referred_by),
        other => panic!("{other:?}"),
    }
}

fn both(table: &str, referring: &[&str]) -> (String, Vec<String>) {
    (table.to_owned(), referring.iter().map(|&name| name.to_owned()).collect())
}

#[tokio::test]
async fn a_missing_parent_is_named_with_the_column_that_refers_to_it() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.create_table::<Book>().await?;
    let draft = || Book::builder().title("a").author_id(Author::key(1));
    assert_eq!(missing(db.insert(draft()).await), both("authors", &["books.author_id"]));
    assert_eq!(missing(db.select::<Book>().delete().await), both("authors", &["books.author_id"]));
    let all = db.select::<Book>();
    assert_eq!(all.clone().update(|b| b.title.set("x")).await?, 0);
    assert_eq!(missing(all.update(|b| b.author_id.set(Author::key(2))).await), both("authors", &["books.author_id"]));
    // Raw SQL that does not name it itself is told as much.
    let raw = db.execute("DELETE FROM books").await.unwrap_err();
    assert_eq!(
        raw.to_string(),
        "cannot execute DELETE FROM books: books.author_id refers to the table authors, which does not exist; create it, \
         or drop what refers to it"
    );
    assert!(matches!(db.execute("DELETE FROM authors").await, Err(Error::SqlExecution { .. })));
    db.drop_table::<Book>().await?;
    Ok(())
}

#[tokio::test]
async fn a_child_of_another_program_that_refers_to_a_missing_table_is_named() -> sqliter::Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let db = Db::open(&path).await?;
    db.create_tables::<(Author, Book)>().await?;
    let ada = db.insert(Author::builder().name("ada")).await?;
    let reviews = "CREATE TABLE reviews (id INTEGER PRIMARY KEY, author INTEGER REFERENCES authors(pk) ON DELETE CASCADE, \
                   shop INTEGER REFERENCES shops(id) ON DELETE CASCADE)";
    db.execute(reviews).await?;
    assert_eq!(missing(db.delete(ada.pk).await), both("shops", &["reviews.shop"]));
    other(&path, "INSERT INTO reviews (author) VALUES (1)");
    assert_eq!(missing(db.delete(ada.pk).await), both("shops", &["reviews.shop"]));
    assert_eq!(missing(db.create_tables::<(Author, Book)>().force().await), both("shops", &["reviews.shop"]));
    let rename = db.update_where::<Author, _>(|a| a.pk.eq(ada.pk), |a| a.name.set("Ada"));
    assert_eq!(rename.await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_trigger_or_view_that_refers_to_a_missing_table_is_named() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.create_tables::<(Author, Book)>().await?;
    db.execute("CREATE TRIGGER noted AFTER INSERT ON authors BEGIN INSERT INTO nosuch VALUES (1); END").await?;
    let failed = db.insert(Author::builder().name("ada")).await;
    assert_eq!(missing(failed), both("nosuch", &["trigger noted"]));
    db.execute("DROP TRIGGER noted").await?;
    db.drop_table::<Author>().await?;
    db.execute("CREATE VIEW authors AS SELECT 1 AS pk, x AS name FROM nosuch").await?;
    assert_eq!(missing(db.select::<Author>().fetch_all().await), both("nosuch", &["view authors"]));
    let error = db.query::<i64>("SELECT count(*) FROM authors").fetch_all().await.unwrap_err();
    assert!(error.to_string().contains("view authors refers to the table nosuch, which does not exist"), "{error}");
    Ok(())
}

#[tokio::test]
async fn a_foreign_key_to_what_is_no_key_names_both_tables() -> sqliter::Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let db = Db::open(&path).await?;
    db.create_tables::<(Author, Book)>().await?;
    let ada = db.insert(Author::builder().name("ada")).await?;
    let book = db.insert(Book::builder().title("a").author_id(&ada)).await?;
    db.execute("CREATE TABLE notes (id INTEGER PRIMARY KEY, book TEXT REFERENCES books(title))").await?;
    for (result, operation) in [
        (db.delete(&book).await, Operation::Delete),
        (db.drop_table::<Book>().await, Operation::DropTable),
        (db.create_tables::<(Author, Book)>().force().await, Operation::DropTable),
        (db.execute("INSERT INTO notes (book) VALUES ('a')").await.map(drop), Operation::Execute),
    ] {
        let error = result.unwrap_err();
        let Error::ForeignKeyMismatch { operation: done, child, parent, .. } = &error else { panic!("{error:?}") };
        assert_eq!((*done, child.as_str(), parent.as_str()), (operation, "notes", "books"));
        assert!(error.to_string().contains("add a unique index to books, or mend or drop notes"), "{error}");
    }
    // Whatever the schema is like, a reset empties the file.
    other(
        &path,
        "INSERT INTO notes (book) VALUES ('a'); CREATE TABLE shelves (book REFERENCES books(nosuch), shop REFERENCES shops); \
         INSERT INTO shelves VALUES (1, 2); CREATE VIEW v AS SELECT * FROM nosuch; CREATE VIEW w AS SELECT title FROM books; \
         CREATE TRIGGER tr AFTER INSERT ON books BEGIN INSERT INTO nosuch VALUES (1); END",
    );
    db.close().await?;
    let db = Db::options().path(&path).reset().open().await?;
    assert_eq!(db.table_names().await?, [""; 0]);
    assert_eq!(db.query::<i64>("PRAGMA foreign_keys").fetch_required().await?, 1);
    db.execute("CREATE TABLE parent (x PRIMARY KEY)").await?;
    db.execute("CREATE TABLE child (x REFERENCES parent)").await?;
    assert!(matches!(db.execute("INSERT INTO child VALUES (1)").await, Err(Error::ForeignKeyViolation { .. })));
    Ok(())
}

#[tokio::test]
async fn a_missing_unique_index_is_told_with_the_columns() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.execute("CREATE TABLE authors (pk INTEGER PRIMARY KEY, name TEXT NOT NULL)").await?;
    let upsert = || db.upsert(Author::builder().name("ada"), |a| a.name);
    for error in [upsert().ignore().await.unwrap_err(), upsert().update(|a| a.name).await.unwrap_err()] {
        let Error::ConflictColumns { table, columns, reason } = &error else { panic!("{error:?}") };
        assert_eq!((table.as_str(), columns.as_slice()), ("authors", &["name".to_owned()][..]));
        assert!(reason.contains("lacks the unique index"), "{reason}");
    }
    Ok(())
}

/// SQLite's report in an error.
fn report(error: &Error) -> &SqliteError {
    error.source().and_then(|source| source.downcast_ref()).unwrap_or_else(|| panic!("{error:?}"))
}

#[tokio::test]
async fn reports_whose_words_are_not_enough_say_what_to_do() -> sqliter::Result<()> {
    let db = Db::memory().await?;
    db.create_table::<Author>().await?;
    let holes = vec!["?"; 32_767].join(", ");
    let error = db.execute(format!("DELETE FROM authors WHERE pk IN ({holes})")).await.unwrap_err();
    assert!(error.to_string().contains("read it by `IN (SELECT value FROM json_each(?))`"), "{}", report(&error));

    let error = db.query::<Vec<u8>>("SELECT zeroblob(1000000001)").fetch_all().await.unwrap_err();
    assert_eq!(report(&error).primary_code(), 18);
    assert!(error.to_string().contains("at most 1,000,000,000 bytes"), "{error}");

    let error = db.execute("INSERT INTO authors (pk, name) VALUES ('x', 'y')").await.unwrap_err();
    assert_eq!(report(&error).primary_code(), 20);
    assert!(error.to_string().contains("takes whole numbers only"), "{error}");

    let db = Db::options().on_connect("PRAGMA max_page_count = 8").open().await?;
    db.create_table::<Author>().await?;
    let error = db.bulk_insert((0..5_000).map(|n| Author::builder().name(format!("{n:0200}")))).await.unwrap_err();
    assert!(matches!(&error, Error::RecordInsertion { table, .. } if table == "authors"), "{error:?}");
    assert!(error.to_string().contains("no room is left on the disk, or the file has reached its"), "{error}");
    Ok(())
}

#[tokio::test]
async fn a_damaged_page_says_how_to_look_at_it() -> sqliter::Result<()> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let db = Db::open(&path).await?;
    db.create_table::<Author>().await?;
    db.bulk_insert((0..5_000).map(|n| Author::builder().name(format!("{n:0200}")))).await?;
    db.close().await?;
    let mut content = std::fs::read(&path).unwrap();
    let half = content.len() / 2;
    content[half..].fill(0xff);
    std::fs::write(&path, content).unwrap();
    let error = db.select::<Author>().fetch_all().await.unwrap_err();
    assert_eq!(report(&error).primary_code(), 11);
    assert!(error.to_string().contains("the file is damaged; `PRAGMA integrity_check` tells where"), "{error}");
    Ok(())
}
