//! Each count is a call of its own.
use sqliter::prelude::*;

#[derive(Model)]
#[model(has_many(books = Book::author, edited = Book::editor))]
struct Author {
    pk: Key<Author>,
    name: String,
}

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
    author_id: Key<Author>,
    editor_id: Key<Author>,
}

fn query(db: &Db) {
    let _ = db.select::<Author>().with_count(|a| (a.books, a.edited));
}

fn main() {}
