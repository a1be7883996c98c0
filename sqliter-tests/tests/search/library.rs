//! The models that are searched here.

use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(has_many(books = Book::author), search(name, tokenize = "unicode61 remove_diacritics 2"))]
pub(crate) struct Author {
    pub(crate) pk: Key<Author>,
    pub(crate) name: String,
}

/// With everything that makes one row give way to another, and that deletes rows.
#[derive(Debug, Clone, PartialEq, Model)]
#[model(
    search(title, body, tokenize = "unicode61 remove_diacritics 2", prefix = "2 3"),
    unique(shelf, place),
    unique(expr = "lower(title)", where = "place IS NOT NULL", name = "titles"),
    has_many(sequels = Book::before),
    patch(derive(Debug))
)]
pub(crate) struct Book {
    pub(crate) pk: Key<Book>,
    pub(crate) title: String,
    pub(crate) body: Option<String>,
    #[model(unique)]
    pub(crate) isbn: Option<String>,
    #[model(default = 0)]
    pub(crate) pages: i64,
    pub(crate) shelf: Option<String>,
    pub(crate) place: Option<i64>,
    #[model(on_delete = cascade)]
    pub(crate) author_id: Option<Key<Author>>,
    #[model(on_delete = cascade)]
    pub(crate) before_id: Option<Key<Book>>,
    #[model(soft_delete)]
    pub(crate) deleted_at: Option<i64>,
}

pub(crate) async fn library() -> sqliter::Result<Db> {
    let db = Db::memory().await?;
    db.create_tables::<(Author, Book)>().await?;
    Ok(db)
}

/// Asks FTS5 whether its table is what the texts of the books are, no more and no less.
pub(crate) async fn is_true(db: &Session) -> sqliter::Result<()> {
    db.execute("INSERT INTO books_search (books_search, rank) VALUES ('integrity-check', 1)").await?;
    let rows: (i64, i64) = db
        .query("SELECT (SELECT count(*) FROM books), (SELECT count(*) FROM books_search_docsize)")
        .fetch_required()
        .await?;
    assert_eq!(rows.0, rows.1, "the search has as many rows as the table");
    Ok(())
}

/// The titles of the books that match, in the order of their keys.
pub(crate) async fn titles(db: &Session, words: impl sqliter::search::IntoWords) -> sqliter::Result<Vec<String>> {
    db.select::<Book>().filter(|b| b.search.matches(words)).order(|b| b.pk.asc()).only(|b| b.title).fetch_all().await
}
