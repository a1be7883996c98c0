//! `only` loads one column; `fields` loads several.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().only(|b| (b.title, b.pages));
}

fn main() {}
