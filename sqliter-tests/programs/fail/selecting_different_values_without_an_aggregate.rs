//! `distinct` of a column is for an aggregate; that of a query gives each value once.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().only(|b| b.title.distinct());
    let _ = db.select::<Book>().annotate(|b| b.title.distinct());
}

fn main() {}
