//! A model is bound by a reference to it, for its key.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
}

async fn remove(db: &Db, book: Book) {
    db.execute("DELETE FROM books WHERE pk = ?").bind(book).await.unwrap();
}

fn main() {}
