//! `filter` is about single rows; conditions on groups are for `having`.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().filter(|b| b.pages.sum().gt(3));
    let _ = db.select::<Book>().group_by(|b| b.title).filter(|b| b.pages.gt(3) & count().gt(1));
}

fn main() {}
