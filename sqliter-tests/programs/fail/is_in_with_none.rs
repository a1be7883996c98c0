//! A list has values; NULL is tested for beside it.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: Option<i64>,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().filter(|b| b.pages.is_in([Some(1), None]));
    let _ = db.select::<Book>().filter(|b| b.pages.not_in([None]));
}

fn main() {}
