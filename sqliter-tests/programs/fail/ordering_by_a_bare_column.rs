//! A sort key says its direction: `.asc()` or `.desc()`.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().order(|b| b.title);
}

fn main() {}
