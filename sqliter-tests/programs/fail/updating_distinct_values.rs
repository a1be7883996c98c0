//! Values once each are no rows that could be changed.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().only(|b| b.title).distinct().update(|b| b.pages.set(1));
}

fn main() {}
