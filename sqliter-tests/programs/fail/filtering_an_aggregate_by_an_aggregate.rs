//! The filter of an aggregate is about the rows that it is of.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().annotate(|b| count().filter(b.pages.sum().gt(3)));
    let _ = db.select::<Book>().only(|b| b.pages.abs().filter(b.pages.gt(3)));
}

fn main() {}
