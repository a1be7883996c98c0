//! What `aggregate` gives is one value of all rows.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().only(|b| b.pages).aggregate(|pages| pages + 1);
}

fn main() {}
