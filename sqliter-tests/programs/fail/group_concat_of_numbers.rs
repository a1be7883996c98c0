//! `group_concat` puts texts one after another.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().annotate(|b| b.pages.group_concat(", "));
}

fn main() {}
