//! `fields` takes columns, not conditions.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().fields(|b| (b.title, b.pages.gt(1)));
}

fn main() {}
