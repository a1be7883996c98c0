//! Groups are made by what each row has.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().group_by(|b| b.pages.sum());
    let _ = db.select::<Book>().group_by(|b| (b.title, count()));
}

fn main() {}
