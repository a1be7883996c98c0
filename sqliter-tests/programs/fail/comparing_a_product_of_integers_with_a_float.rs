//! Whole numbers stay whole in arithmetic.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().filter(|b| (b.pages * 2).gt(1.5));
}

fn main() {}
