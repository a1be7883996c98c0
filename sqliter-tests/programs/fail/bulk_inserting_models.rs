//! A bulk insert takes what builders give.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

async fn add(db: &Db, books: Vec<Book>) {
    db.bulk_insert(books).await.unwrap();
}

fn main() {}
