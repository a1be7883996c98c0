//! Every sort key of a tuple says its direction.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().order(|b| (b.title, b.pages.desc()));
}

fn main() {}
