//! The first value of a `CASE` says its type, which is `i64` for integers.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db, n: i32) {
    let _ = db.select::<Book>().only(|b| case_when(b.pages.gt(400), n).otherwise(b.pages));
}

fn main() {}
