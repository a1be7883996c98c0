//! A chain gives as many values as are compared.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().filter(|b| (b.title, b.pages).is_in(db.select::<Book>().only(|b| b.title)));
}

fn main() {}
