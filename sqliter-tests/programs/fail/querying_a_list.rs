//! A query is told what one row is.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
}

async fn books(db: &Db) {
    let books = db.query::<Vec<Book>>("SELECT * FROM books").fetch_all().await.unwrap();
}

fn main() {}
