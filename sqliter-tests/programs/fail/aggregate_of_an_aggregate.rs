//! An aggregate is of what each row has.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().annotate(|b| b.pages.sum().max());
    let _ = db.select::<Book>().annotate(|_| count().avg());
    let _ = db.select::<Book>().annotate(|b| (b.pages.sum() / count()).distinct().count());
}

fn main() {}
