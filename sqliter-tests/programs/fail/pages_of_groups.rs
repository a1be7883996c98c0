//! A page goes on behind a row, and a group is no row.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().group_by(|b| b.title).page_after(None, 10);
    let _ = db.select::<Book>().only(|b| b.title).distinct().page_after(None, 10);
}

fn main() {}
