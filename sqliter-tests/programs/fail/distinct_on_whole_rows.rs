//! Rows with a key are different anyhow; chosen values can come once each.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().distinct();
    let _ = db.select::<Book>().distinct().count();
}

fn main() {}
