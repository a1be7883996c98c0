//! An update sets a column with `set`; `eq` is a condition.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().update(|b| b.title.eq("Emma"));
}

fn main() {}
