//! An aggregate is of many rows, of which each has a value of the column.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().annotate(|b| b.pages.sum().coalesce(b.pages));
}

fn main() {}
