//! An aggregate is of a group; a column has another value in each row of it.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().group_by(|b| b.title).having(|b| b.pages.sum().gt(b.pages));
    let _ = db.select::<Book>().filter(|b| b.pages.lt(b.pages.max()));
}

fn main() {}
