//! Rows are sorted by what each of them has, groups also by aggregates.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().order(|b| b.pages.sum().desc());
    let _ = db.select::<Book>().order(|b| (b.title.asc(), count().desc()));
}

fn main() {}
