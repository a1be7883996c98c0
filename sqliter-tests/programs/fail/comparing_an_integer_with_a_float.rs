//! An integer column does not compare with a floating-point number.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().filter(|b| b.pages.le(99.5));
}

fn main() {}
