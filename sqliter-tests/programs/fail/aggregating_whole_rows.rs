//! Only chosen values are aggregated.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().aggregate(|b| b.pages.max());
}

fn main() {}
