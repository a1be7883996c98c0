//! A page begins behind a cursor, which is read from its text.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().page_after("text", 10);
    let _ = db.select::<Book>().page_after(10, 10);
}

fn main() {}
