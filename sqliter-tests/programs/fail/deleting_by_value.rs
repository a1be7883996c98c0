//! A row is deleted by its key or by a reference to the model.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

async fn remove(db: &Db, book: Book) {
    db.delete(book).await.unwrap();
}

fn main() {}
