//! Arithmetic needs a column that holds numbers.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().update(|b| b.title.add("!"));
}

fn main() {}
