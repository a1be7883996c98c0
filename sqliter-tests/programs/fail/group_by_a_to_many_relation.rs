//! Rows are grouped by their own values and those of to-one relations.
use sqliter::prelude::*;

#[derive(Model)]
#[model(has_many(books = Book::author))]
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
}

fn query(db: &Db) {
    let _ = db.select::<Author>().group_by(|a| a.books);
}

fn main() {}
