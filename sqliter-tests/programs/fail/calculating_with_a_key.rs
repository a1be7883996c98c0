//! A key is no number to calculate with.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().only(|b| b.pk + b.pages);
    let _ = db.select::<Book>().only(|b| b.pages + Book::key(1));
}

fn main() {}
