//! Models over views.

use super::kept::sql;
use sqliter::Error;
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(books = Book::author), has_one(shelf = Shelf::author))]
struct Author {
    pk: Key<Author>,
    name: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
    author_id: Key<Author>,
    created_at: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(
    view = "SELECT author_id, count(*) AS number, sum(pages) AS total, max(created_at) AS created_at FROM books GROUP BY 1"
)]
struct Shelf {
    #[model(pk)]
    author_id: Key<Author>,
    #[model(column = "number")]
    books: i64,
    total: Option<i64>,
    created_at: i64,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(table = "long_books", view = "SELECT books.*, 'it''s ' || title AS shown FROM books WHERE pages > 100")]
struct LongBook {
    pk: Key<LongBook>,
    shown: String,
    author_id: Key<Author>,
}

async fn library() -> Db {
    let db = Db::memory().await.unwrap();
    db.create_tables::<(LongBook, Shelf, Author, Book)>().await.unwrap();
    for (name, pages) in [("Ada", [50, 150]), ("Bea", [200, 300])] {
        let author = db.insert(Author::builder().name(name)).await.unwrap();
        let books = pages.map(|pages| Book::builder().title(format!("{name} {pages}")).pages(pages).author_id(&author));
        db.bulk_insert(books).await.unwrap();
    }
    db
}

#[tokio::test]
async fn views_are_created_after_all_tables_and_dropped_before_them() {
    let db = library().await;
    assert_eq!(
        sql(&db, "long_books").await,
        "CREATE VIEW \"long_books\" AS SELECT books.*, 'it''s ' || title AS shown FROM books WHERE pages > 100"
    );
    assert_eq!(db.table_names().await.unwrap(), ["authors", "books"]);
    db.create_tables::<(LongBook, Author, Book)>().await.unwrap();
    db.create_tables::<(LongBook, Author, Book)>().force().await.unwrap();
    assert_eq!(db.select::<LongBook>().count().await.unwrap(), 0);
    assert!(db.create_table::<LongBook>().exists_ok(false).await.is_err());
    db.drop_table::<LongBook>().await.unwrap();
    db.drop_table::<LongBook>().await.unwrap();
    assert!(db.select::<LongBook>().count().await.is_err());
}

#[tokio::test]
async fn rows_of_a_view_are_read_like_those_of_a_table() {
    let db = library().await;
    let long = db.select::<LongBook>().filter(|b| b.author.name.eq("Bea")).order(|b| b.shown.desc());
    let names: Vec<_> = long.fetch_all().await.unwrap().into_iter().map(|book| book.shown).collect();
    assert_eq!(names, ["it's Bea 300", "it's Bea 200"]);
    assert_eq!(db.select::<LongBook>().fetch_first().await.unwrap().unwrap().shown, "it's Ada 150");
    assert_eq!(db.select::<LongBook>().fetch_last().await.unwrap().unwrap().shown, "it's Bea 300");
    assert_eq!(db.get(LongBook::key(2)).await.unwrap().unwrap().author_id, Author::key(1));
    assert_eq!(db.get(LongBook::key(1)).await.unwrap(), None);
    let page = db.select::<LongBook>().page_after(None, 2).await.unwrap();
    assert_eq!(db.select::<LongBook>().page_after(page.next, 2).await.unwrap().rows.len(), 1);
    let total: Vec<Option<i64>> = db.select::<Shelf>().annotate(|s| s.total.sum()).fetch_all().await.unwrap();
    assert_eq!(total, [Some(700)]);
}

#[tokio::test]
async fn relations_lead_from_a_view_and_to_it() {
    let db = library().await;
    let shelf = db.get(Shelf::key(Author::key(2))).await.unwrap().unwrap();
    assert_eq!(
        (shelf.books, shelf.total, shelf.author(&db).fetch().await.unwrap().name.as_str()),
        (2, Some(500), "Bea")
    );
    let rows =
        db.select::<Author>().filter(|a| a.shelf.total.gt(300)).select_related(|a| a.shelf).fetch_all().await.unwrap();
    assert_eq!(
        rows.iter().map(|(author, shelf)| (author.name.as_str(), shelf.as_ref())).collect::<Vec<_>>(),
        [("Bea", Some(&shelf))]
    );
    let rows = db.select::<LongBook>().select_related(|b| b.author).fetch_all().await.unwrap();
    assert_eq!(rows.len(), 3);
    db.insert(Author::builder().name("Cleo")).await.unwrap();
    let rows = db.select::<Author>().select_related(|a| a.shelf).order(|a| a.name.desc()).fetch_all().await.unwrap();
    assert_eq!(rows.iter().map(|(_, shelf)| shelf.is_some()).collect::<Vec<_>>(), [false, true, true]);
}

#[tokio::test]
async fn a_view_follows_its_tables_in_the_cache_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("library.db");
    let db = Db::options().path(&path).cache(CacheOptions::default()).open().await.unwrap();
    db.create_tables::<(Author, Book, Shelf)>().await.unwrap();
    let author = db.insert(Author::builder().name("Ada")).await.unwrap();
    for number in 1..4 {
        db.insert(Book::builder().title("x").pages(1).author_id(&author)).await.unwrap();
        assert_eq!(db.get(Shelf::key(author.pk)).await.unwrap().unwrap().books, number);
        assert_eq!(db.select::<Shelf>().only(|s| s.books).fetch_all().await.unwrap(), [number]);
    }
}

#[tokio::test]
async fn a_wrong_view_is_told_when_it_is_created() {
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(view = "SELECT pk, title AS name FROM books")]
    struct Title {
        pk: Key<Title>,
        title: String,
    }
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(view = "SELECT pk title FRM books")]
    struct Misspelt {
        pk: Key<Misspelt>,
    }
    let db = library().await;
    let error = db.create_table::<Title>().await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the model Title has a mistake in its SQL, in the view: it gives no column title: SELECT pk, title AS name FROM books"
    );
    let error = db.create_table::<Misspelt>().await.unwrap_err();
    assert!(
        matches!(&error, Error::SqlInModel { model, place, .. } if model == "Misspelt" && place == "view"),
        "{error:?}"
    );
    db.execute("CREATE TABLE titles (pk INTEGER PRIMARY KEY, title TEXT)").await.unwrap();
    let error = db.create_table::<Title>().await.unwrap_err();
    assert!(
        error.to_string().starts_with("the table titles in the file does not serve its model: it is a table;"),
        "{error}"
    );
}

#[tokio::test]
async fn views_are_part_of_the_schema_that_models_say() {
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(table = "long_books", view = "SELECT pk, title AS shown FROM books WHERE pages > 100")]
    struct OtherBook {
        pk: Key<OtherBook>,
        shown: String,
    }
    #[derive(Debug, Clone, PartialEq, Model)]
    #[model(view = "SELECT pk, name AS caption FROM authors")]
    struct Caption {
        pk: Key<Caption>,
        text: String,
    }
    let db = library().await;
    db.require_schema::<(LongBook, Shelf, Author, Book)>().await.unwrap();
    let diff = db.schema_diff::<(Author, Book, OtherBook)>().await.unwrap();
    assert!(diff.to_string().contains("long_books"), "{diff}");
    let error = db.require_schema::<(Author, Caption)>().await.unwrap_err();
    assert!(error.to_string().contains("in the view: it gives no column text"), "{error}");
}

#[tokio::test]
async fn a_foreign_key_to_a_view_is_refused_where_the_table_is_created() {
    #[derive(Debug, Clone, PartialEq, Model)]
    struct Note {
        pk: Key<Note>,
        shelf_id: Key<Shelf>,
    }
    let db = library().await;
    let error = db.create_table::<Note>().await.unwrap_err();
    assert!(
        error.to_string().contains("shelf_id refers to shelves, which is a view: a foreign key refers to a table"),
        "{error}"
    );
}
