//! `having` comes after `group_by` or `annotate`.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().having(|b| b.pages.sum().gt(3));
    let _ = db.select::<Book>().only(|b| b.title).having(|b| b.pages.sum().gt(3));
}

fn main() {}
