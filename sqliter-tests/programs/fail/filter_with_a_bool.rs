//! A filter is a condition on columns, not a `bool` of the program.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().filter(|_| true);
}

fn main() {}
