//! Sums and averages need numbers.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().annotate(|b| b.title.sum());
    let _ = db.select::<Book>().annotate(|b| b.title.distinct().avg());
    let _ = db.select::<Book>().annotate(|b| b.title.lower().total());
}

fn main() {}
