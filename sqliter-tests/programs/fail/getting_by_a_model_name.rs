//! What `get` takes is a key, and the model follows from it.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

async fn get(db: &Db) {
    db.get::<Book>(1).await.unwrap();
}

fn main() {}
