//! An insert takes what a builder gives; a model has a key and is updated instead.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

async fn add(db: &Db, book: Book) {
    db.insert(book).await.unwrap();
}

fn main() {}
