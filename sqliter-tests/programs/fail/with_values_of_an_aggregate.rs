//! A value beside each row is of that row; an aggregate is of many rows.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().with_values(|b| b.pages.sum());
    let _ = db.select::<Book>().with_values(|b| (b.pages * 2, count()));
}

fn main() {}
