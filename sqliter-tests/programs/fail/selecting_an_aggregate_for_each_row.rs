//! `only` and `fields` choose what each row has; an aggregate is of many rows.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().only(|b| b.pages.max());
    let _ = db.select::<Book>().fields(|b| (b.title, count()));
}

fn main() {}
