//! What stands beside an aggregate is what the groups are grouped by.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().annotate(|b| (b.title, count()));
    let _ = db.select::<Book>().group_by(|b| b.title).annotate(|b| b.pages);
}

fn main() {}
