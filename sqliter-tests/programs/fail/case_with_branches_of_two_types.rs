//! All branches of a `CASE` give values of one type.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().only(|b| case_when(b.pages.gt(400), "long").when(b.pages.gt(100), 1).otherwise("x"));
    let _ = db.select::<Book>().only(|b| case_when(b.pages.gt(400), "long").otherwise(b.pages));
}

fn main() {}
