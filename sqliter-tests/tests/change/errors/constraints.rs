//! Violated constraints: which, of what, and SQLite's own report.

use std::error::Error as _;

use sqliter::prelude::*;
use sqliter::{Error, Operation, SqliteError};

#[derive(Debug, Clone, PartialEq, Model)]
struct Author {
    pk: Key<Author>,
    #[model(unique)]
    email: String,
    #[model(unique, column = "e.mail, 2")]
    odd: Option<i64>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(unique(title, author_id))]
struct Book {
    pk: Key<Book>,
    title: String,
    subtitle: Option<String>,
    open: bool,
    author_id: Key<Author>,
    editor_id: Option<Key<Author>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Review {
    pk: Key<Review>,
    #[model(on_delete = cascade, column = "book")]
    book_id: Key<Book>,
    #[model(on_delete = no_action)]
    critic_id: Option<Key<Author>>,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Country {
    #[model(pk)]
    code: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Slot {
    #[model(pk)]
    number: i64,
}

async fn open() -> sqliter::Result<Db> {
    let db = Db::memory().await?;
    db.create_tables::<(Author, Book, Review, Country, Slot)>().await?;
    Ok(db)
}

async fn author(db: &Db, email: &str) -> sqliter::Result<Author> {
    db.insert(Author::builder().email(email)).await
}

fn book(title: &str, author: Key<Author>) -> NewBook {
    NewBook { title: title.to_owned(), subtitle: None, open: true, author_id: author, editor_id: None }
}

/// The report of SQLite, by way of `source()`.
fn report(error: &Error) -> &SqliteError {
    error.source().and_then(|source| source.downcast_ref()).unwrap_or_else(|| panic!("no report: {error:?}"))
}

/// What the text of an error says of the row, if the call was for many.
fn of_row(error: &Error) -> String {
    error.refused_row().map(|row| format!(": {row}")).unwrap_or_default()
}

fn assert_unique(error: &Error, expected: (Operation, &str, &[&str]), code: i32) {
    let Error::UniqueViolation { operation, table, columns, source, .. } = error else { panic!("{error:?}") };
    assert_eq!((*operation, table.as_str()), (expected.0, expected.1));
    assert_eq!(columns, expected.2);
    assert_eq!((report(error), source.code, source.primary_code()), (source, code, 19));
    let text = format!("{operation} violates uniqueness of {table} ({})", columns.join(", "));
    assert_eq!(error.to_string(), text + &of_row(error));
}

fn assert_foreign_key(error: &Error, expected: (Operation, &str, &[&str])) {
    let Error::ForeignKeyViolation { operation, table, columns, source, .. } = error else { panic!("{error:?}") };
    assert_eq!((*operation, table.as_str()), (expected.0, expected.1));
    assert_eq!(columns, expected.2);
    // 1811 is SQLITE_CONSTRAINT_TRIGGER, with which SQLite reports RESTRICT.
    assert!(matches!(source.code, 787 | 1811), "{source:?}");
    assert_eq!((report(error), source.message.as_str()), (source, "FOREIGN KEY constraint failed"));
    let rest = match operation {
        Operation::Delete => "still refers to it",
        _ => "refers to a row that does not exist",
    };
    let text = format!("cannot {operation} {table}: {} {rest}", columns.join(", "));
    assert_eq!(error.to_string(), text + &of_row(error));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_unique_column() -> sqliter::Result<()> {
    let db = open().await?;
    author(&db, "a@x").await?;
    let mut other = author(&db, "b@x").await?;
    let error = author(&db, "a@x").await.unwrap_err();
    assert_unique(&error, (Operation::Insert, "authors", &["email"]), 2067);
    assert_eq!(error.to_string(), "insert violates uniqueness of authors (email)");
    assert_eq!(report(&error).message, "UNIQUE constraint failed: authors.email");
    assert_eq!(report(&error).to_string(), "UNIQUE constraint failed: authors.email (SQLite result code 2067)");
    let error = db.bulk_insert([Author::builder().email("c@x"), Author::builder().email("a@x")]).await.unwrap_err();
    assert_unique(&error, (Operation::Insert, "authors", &["email"]), 2067);
    other.email = "a@x".to_owned();
    let error = db.update(&mut other).await.unwrap_err();
    assert_unique(&error, (Operation::Update, "authors", &["email"]), 2067);
    let error = db.select::<Author>().update(|a| a.email.set("a@x")).await.unwrap_err();
    assert_unique(&error, (Operation::Update, "authors", &["email"]), 2067);
    let error = db.execute("INSERT INTO authors (email) VALUES ('a@x')").await.unwrap_err();
    let Error::UniqueViolation { operation, table, columns, .. } = &error else { panic!("{error:?}") };
    assert_eq!((*operation, table.as_str(), columns[0].as_str()), (Operation::Execute, "authors", "email"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn unique_columns_together() -> sqliter::Result<()> {
    let db = open().await?;
    let (ada, bob) = (author(&db, "a@x").await?, author(&db, "b@x").await?);
    db.insert(book("x", ada.pk)).await?;
    let mut other = db.insert(book("x", bob.pk)).await?;
    let error = db.insert(book("x", ada.pk)).await.unwrap_err();
    assert_unique(&error, (Operation::Insert, "books", &["title", "author_id"]), 2067);
    assert_eq!(error.to_string(), "insert violates uniqueness of books (title, author_id)");
    other.author_id = ada.pk;
    let error = db.update(&mut other).await.unwrap_err();
    assert_unique(&error, (Operation::Update, "books", &["title", "author_id"]), 2067);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_primary_key() -> sqliter::Result<()> {
    let db = open().await?;
    db.insert(Country::builder().code("FR")).await?;
    db.insert(Slot::builder().number(-7)).await?;
    let error = db.insert(Country::builder().code("FR")).await.unwrap_err();
    assert_unique(&error, (Operation::Insert, "countries", &["code"]), 1555);
    let error = db.insert(Slot::builder().number(-7)).await.unwrap_err();
    assert_unique(&error, (Operation::Insert, "slots", &["number"]), 1555);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_key_that_refers_to_nothing() -> sqliter::Result<()> {
    let db = open().await?;
    let ada = author(&db, "a@x").await?;
    let ghost = Author::key(99);
    let error = db.insert(book("x", ghost)).await.unwrap_err();
    assert_foreign_key(&error, (Operation::Insert, "books", &["author_id"]));
    assert_eq!(error.to_string(), "cannot insert books: author_id refers to a row that does not exist");
    assert_eq!(report(&error).code, 787);
    let error = db.insert(NewBook { editor_id: Some(ghost), ..book("x", ada.pk) }).await.unwrap_err();
    assert_foreign_key(&error, (Operation::Insert, "books", &["editor_id"]));
    let error = db.insert(NewBook { editor_id: Some(ghost), ..book("x", ghost) }).await.unwrap_err();
    assert_foreign_key(&error, (Operation::Insert, "books", &["author_id", "editor_id"]));
    let error = db.bulk_insert([book("x", ada.pk), book("y", ghost)]).await.unwrap_err();
    assert_foreign_key(&error, (Operation::Insert, "books", &["author_id"]));
    let error = db.insert(Review::builder().book_id(Book::key(99))).await.unwrap_err();
    assert_foreign_key(&error, (Operation::Insert, "reviews", &["book"]));
    assert_eq!(db.select::<Book>().count().await?, 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_key_on_update() -> sqliter::Result<()> {
    let db = open().await?;
    let ada = author(&db, "a@x").await?;
    let mut row = db.insert(book("x", ada.pk)).await?;
    row.author_id = Author::key(99);
    let error = db.update(&mut row).await.unwrap_err();
    assert_foreign_key(&error, (Operation::Update, "books", &["author_id"]));
    (row.author_id, row.editor_id) = (ada.pk, Some(Author::key(98)));
    let error = db.update(&mut row).await.unwrap_err();
    assert_foreign_key(&error, (Operation::Update, "books", &["editor_id"]));
    let error = db.select::<Book>().update(|b| b.author_id.set(Author::key(99))).await.unwrap_err();
    assert_foreign_key(&error, (Operation::Update, "books", &["author_id"]));
    assert_eq!(db.get(row.pk).await?.unwrap().editor_id, None);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_what_is_referred_to() -> sqliter::Result<()> {
    let db = open().await?;
    let (ada, bob) = (author(&db, "a@x").await?, author(&db, "b@x").await?);
    let row = db.insert(NewBook { editor_id: Some(bob.pk), ..book("x", ada.pk) }).await?;
    let error = db.delete(ada.pk).await.unwrap_err();
    assert_foreign_key(&error, (Operation::Delete, "authors", &["books.author_id"]));
    assert_eq!(error.to_string(), "cannot delete authors: books.author_id still refers to it");
    let error = db.delete(&bob).await.unwrap_err();
    assert_foreign_key(&error, (Operation::Delete, "authors", &["books.editor_id"]));
    let review = db.insert(Review::builder().book_id(&row).critic_id(&bob)).await?;
    let error = db.select::<Author>().filter(|a| a.email.eq("b@x")).delete().await.unwrap_err();
    let Error::ForeignKeyViolation { columns, .. } = &error else { panic!("{error:?}") };
    let mut columns = columns.clone();
    columns.sort();
    assert_eq!(columns, ["books.editor_id", "reviews.critic_id"]);
    // NO ACTION alone refuses too, and a cascade takes the rest along.
    db.select::<Book>().update(|b| b.editor_id.set(None)).await?;
    let error = db.delete(&bob).await.unwrap_err();
    assert_foreign_key(&error, (Operation::Delete, "authors", &["reviews.critic_id"]));
    assert_eq!(db.select::<Author>().count().await?, 2);
    db.delete(&row).await?;
    assert_eq!(db.get(review.pk).await?, None);
    db.delete(&bob).await
}

#[tokio::test(flavor = "multi_thread")]
async fn null_where_none_may_be() -> sqliter::Result<()> {
    let db = open().await?;
    let ada = author(&db, "a@x").await?;
    db.insert(book("x", ada.pk)).await?;
    let error = db.select::<Book>().update(|b| b.title.set(b.subtitle)).await.unwrap_err();
    let Error::NotNullViolation { operation, table, column, source, .. } = &error else { panic!("{error:?}") };
    assert_eq!((*operation, table.as_str(), column.as_str()), (Operation::Update, "books", "title"));
    assert_eq!((report(&error), source.code), (source, 1299));
    assert_eq!(error.to_string(), "update puts NULL into books.title");
    let error = db.execute("UPDATE books SET open = NULL").await.unwrap_err();
    assert!(matches!(&error, Error::NotNullViolation { operation: Operation::Execute, table, column, .. }
        if table == "books" && column == "open"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_that_fails() -> sqliter::Result<()> {
    let db = open().await?;
    db.execute(
        "CREATE TABLE gauges (pk INTEGER PRIMARY KEY, level INTEGER CHECK (100 > \"level\"), \
         CONSTRAINT \"even only\" CHECK (level % 2 = 0)) STRICT",
    )
    .await?;
    let error = db.insert(Gauge::builder().level(200)).await.unwrap_err();
    let Error::CheckViolation { operation, table, constraint, columns, source, .. } = &error else {
        panic!("{error:?}")
    };
    assert_eq!((*operation, table.as_str(), source.code), (Operation::Insert, "gauges", 275));
    assert_eq!((constraint.as_str(), columns.as_slice()), ("100 > \"level\"", ["level".to_owned()].as_slice()));
    assert_eq!(report(&error), source);
    assert_eq!(error.to_string(), "insert violates a check of gauges: 100 > \"level\"");
    let mut row = db.insert(Gauge::builder().level(2)).await?;
    row.level = 3;
    let error = db.update(&mut row).await.unwrap_err();
    let Error::CheckViolation { operation, constraint, .. } = &error else { panic!("{error:?}") };
    assert_eq!((*operation, constraint.as_str()), (Operation::Update, "even only"));
    Ok(())
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Gauge {
    pk: Key<Gauge>,
    level: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "gauges")]
struct TextGauge {
    pk: Key<TextGauge>,
    level: String,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_type_that_a_strict_table_refuses() -> sqliter::Result<()> {
    let db = open().await?;
    db.create_table::<Gauge>().await?;
    let error = db.insert(TextGauge::builder().level("high")).await.unwrap_err();
    let Error::CheckViolation { operation, table, columns, constraint, source, .. } = &error else {
        panic!("{error:?}")
    };
    assert_eq!((*operation, table.as_str(), source.code), (Operation::Insert, "gauges", 3091));
    assert_eq!(columns, &["level"]);
    assert_eq!(constraint, "cannot store TEXT value in INTEGER column gauges.level");
    assert_eq!(report(&error), source);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trigger_that_refuses_is_no_foreign_key() -> sqliter::Result<()> {
    let db = open().await?;
    db.create_table::<Gauge>().await?;
    db.execute(
        "CREATE TRIGGER few BEFORE INSERT ON gauges WHEN (SELECT count(*) FROM gauges) >= 1 \
         BEGIN SELECT RAISE(ABORT, 'no more than one gauge'); END",
    )
    .await?;
    db.insert(Gauge::builder().level(1)).await?;
    let error = db.insert(Gauge::builder().level(2)).await.unwrap_err();
    let Error::CheckViolation { operation, table, constraint, source, .. } = &error else { panic!("{error:?}") };
    assert_eq!((*operation, table.as_str(), source.code), (Operation::Insert, "gauges", 1811));
    assert_eq!(constraint, "no more than one gauge");
    Ok(())
}

#[tokio::test]
async fn violations_on_a_current_thread_runtime() -> sqliter::Result<()> {
    let db = open().await?;
    let ada = author(&db, "a@x").await?;
    assert_unique(&author(&db, "a@x").await.unwrap_err(), (Operation::Insert, "authors", &["email"]), 2067);
    let error = db.insert(book("x", Author::key(99))).await.unwrap_err();
    assert_foreign_key(&error, (Operation::Insert, "books", &["author_id"]));
    db.insert(book("x", ada.pk)).await?;
    let error = db.delete(&ada).await.unwrap_err();
    assert_foreign_key(&error, (Operation::Delete, "authors", &["books.author_id"]));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn violations_are_explained_inside_a_transaction_too() -> sqliter::Result<()> {
    let db = open().await?;
    let ada = author(&db, "a@x").await?;
    let tx = db.begin().await?;
    let row = tx.insert(book("x", ada.pk)).await?;
    let error = tx.insert(book("y", Author::key(99))).await.unwrap_err();
    assert_foreign_key(&error, (Operation::Insert, "books", &["author_id"]));
    let error = tx.delete(ada.pk).await.unwrap_err();
    assert_foreign_key(&error, (Operation::Delete, "authors", &["books.author_id"]));
    tx.commit().await?;
    assert_eq!(db.select::<Book>().fetch_all().await?, [row]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn names_with_dots_and_commas_stay_whole() -> sqliter::Result<()> {
    let db = open().await?;
    db.insert(Author::builder().email("a@x").odd(1)).await?;
    let error = db.insert(Author::builder().email("b@x").odd(1)).await.unwrap_err();
    assert_unique(&error, (Operation::Insert, "authors", &["e.mail, 2"]), 2067);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reference_behind_a_cascade_refuses_the_delete_too() -> sqliter::Result<()> {
    let db = open().await?;
    db.execute(
        "CREATE TABLE awards (pk INTEGER PRIMARY KEY, review INTEGER REFERENCES reviews(pk) ON DELETE RESTRICT)",
    )
    .await?;
    let ada = author(&db, "a@x").await?;
    let row = db.insert(book("x", ada.pk)).await?;
    db.insert(Review::builder().book_id(&row)).await?;
    db.execute("INSERT INTO awards (review) VALUES (1)").await?;
    let error = db.delete(&row).await.unwrap_err();
    assert_foreign_key(&error, (Operation::Delete, "books", &["awards.review"]));
    assert!(db.get(&row).await?.is_some());
    Ok(())
}
