//! The values of a row have the types of their columns.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().filter(|b| (b.title, b.pages).is_in([("Emma", "474")]));
}

fn main() {}
