//! An aggregate is compared with values of its own type.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().annotate(|_| count()).having(|_| count().gt("3"));
}

fn main() {}
