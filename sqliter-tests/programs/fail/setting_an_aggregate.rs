//! An update sets what each row has; an aggregate is of many rows.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().update(|b| b.pages.set(b.pages.max()));
}

fn main() {}
