//! What is computed is compared with values of its own type.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().filter(|b| b.title.length().eq(b.title));
    let _ = db.select::<Book>().filter(|b| b.title.lower().eq(7));
}

fn main() {}
