//! A key is no number to calculate with.
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
    let _ = db.select::<Book>().annotate(|b| b.pk.sum());
    let _ = db.select::<Book>().annotate(|b| b.author_id.avg());
}

fn main() {}
