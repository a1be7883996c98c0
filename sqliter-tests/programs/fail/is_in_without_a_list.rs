//! `is_in` takes a list.
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

fn number(db: &Db) {
    let _ = db.select::<Book>().filter(|b| b.pages.is_in(5));
}

fn text(db: &Db) {
    let _ = db.select::<Book>().filter(|b| b.title.is_in("Emma"));
}

fn key(db: &Db, key: Key<Author>) {
    let _ = db.select::<Book>().filter(|b| b.author_id.not_in(key));
}

fn main() {}
