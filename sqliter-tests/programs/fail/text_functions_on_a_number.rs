//! `lower`, `upper` and `length` are of text.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().only(|b| b.pages.lower());
    let _ = db.select::<Book>().only(|b| b.pages.abs().length());
}

fn main() {}
