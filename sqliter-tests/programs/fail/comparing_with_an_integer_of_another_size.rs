//! A column compares with its own integer type: widen or narrow the value first.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db, pages: u32) {
    let _ = db.select::<Book>().filter(|b| b.pages.eq(pages));
}

fn main() {}
