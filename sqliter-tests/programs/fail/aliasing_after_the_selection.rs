//! A name is given to a value, not to a tuple of values.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().fields(|b| (b.title, b.pages).alias("x"));
}

fn main() {}
