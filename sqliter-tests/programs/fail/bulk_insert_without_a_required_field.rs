//! Each row of a bulk insert needs every required field.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

async fn add(db: &Db) {
    db.bulk_insert([Book::builder().pages(1)]).await.unwrap();
}

fn main() {}
