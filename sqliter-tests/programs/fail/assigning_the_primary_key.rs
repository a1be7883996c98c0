//! An update does not set the primary key.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().update(|b| b.pk.set(Book::key(7)));
}

fn main() {}
