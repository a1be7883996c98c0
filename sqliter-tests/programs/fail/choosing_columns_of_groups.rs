//! `group_by` and `annotate` say what a group gives; `fields` and `only` are for rows.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().group_by(|b| b.title).fields(|b| (b.title, b.pages));
    let _ = db.select::<Book>().group_by(|b| b.title).only(|b| b.title);
}

fn main() {}
