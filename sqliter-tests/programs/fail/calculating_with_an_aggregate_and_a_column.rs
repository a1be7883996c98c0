//! Arithmetic is between values of the row, or between aggregates.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().annotate(|b| b.pages.sum() + b.pages);
    let _ = db.select::<Book>().only(|b| b.pages - b.pages.avg());
}

fn main() {}
