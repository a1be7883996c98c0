//! What loads only some columns is for reading: update before choosing columns.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().only(|b| b.title).update(|b| b.pages.set(1));
}

fn main() {}
