//! `having` is about groups, `filter` about the rows in them.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().group_by(|b| b.title).having(|b| b.title.eq("x"));
    let _ = db.select::<Book>().group_by(|b| b.title).having(|b| count().gt(1) & b.pages.gt(3));
}

fn main() {}
