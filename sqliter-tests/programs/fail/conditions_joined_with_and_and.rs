//! Conditions are joined with `&` and `|`, not with `&&` and `||`.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().filter(|b| b.pages.gt(1) && b.title.eq("Emma"));
    let _ = db.select::<Book>().filter(|b| b.pages.gt(1) || b.title.eq("Emma"));
}

fn main() {}
