//! A condition is no value; the rows that meet it are counted by a filtered count.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().annotate(|b| b.pages.sum().gt(3));
    let _ = db.select::<Book>().group_by(|b| b.pages.gt(3));
}

fn main() {}
