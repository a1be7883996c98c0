//! `join_related` joins many rows; one is joined by `select_related`.
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
    author_id: Key<Author>,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().join_related(|b| b.author);
}

fn main() {}
