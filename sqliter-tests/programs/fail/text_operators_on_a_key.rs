//! Text operators do not work on keys.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().filter(|b| b.pk.contains("1"));
}

fn main() {}
