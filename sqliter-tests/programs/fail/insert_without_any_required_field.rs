//! Every field that is left out is named.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

async fn add(db: &Db) {
    db.insert(Book::builder()).await.unwrap();
}

fn main() {}
