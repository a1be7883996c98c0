//! An update is about rows.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().group_by(|b| b.title).having(|_| count().gt(1)).update(|b| b.pages.set(1));
}

fn main() {}
