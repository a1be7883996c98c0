//! Of different values, SQLite puts a comma between them and nothing else.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().annotate(|b| b.title.distinct().group_concat(" | "));
}

fn main() {}
