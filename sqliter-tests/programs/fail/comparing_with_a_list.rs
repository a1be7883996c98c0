//! A list of values is for `is_in`.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().filter(|b| b.pages.eq([1, 2]));
    let _ = db.select::<Book>().filter(|b| b.title.ne(vec!["Emma"]));
}

fn main() {}
