//! `update` refreshes the model, so it takes `&mut`.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

async fn save(db: &Db, book: Book) {
    db.update(&book).await.unwrap();
}

fn main() {}
