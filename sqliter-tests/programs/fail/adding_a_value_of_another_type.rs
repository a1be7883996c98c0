//! `add` takes a value of the column's type.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().update(|b| b.pages.add("1"));
}

fn main() {}
