//! A `CASE` is of each row, or of each group.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().annotate(|b| case_when(count().gt(1), b.title).end());
    let _ = db.select::<Book>().annotate(|b| case_when(b.pages.gt(1), "long").end());
}

fn main() {}
