//! An insert needs every required field.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

async fn add(db: &Db) {
    db.insert(Book::builder().title("Emma")).await.unwrap();
}

fn main() {}
