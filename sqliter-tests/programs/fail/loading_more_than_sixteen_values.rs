//! A row has at most sixteen values.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let seven = |b: &BookColumns<Book>| (b.pk, b.title, b.pages, b.pk, b.title, b.pages, b.pk);
    let _ = db.select::<Book>().with_values(seven).with_values(seven).with_values(|b| (b.pages,)).with_values(|b| b.title);
}

fn main() {}
