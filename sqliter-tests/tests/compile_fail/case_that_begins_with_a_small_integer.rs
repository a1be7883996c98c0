//! The first value of a `CASE` says its type, and a bare integer is an `i32`.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().only(|b| case_when(b.pages.gt(400), 1).otherwise(b.pages));
}

fn main() {}
