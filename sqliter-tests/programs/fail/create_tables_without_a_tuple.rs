//! Several models are a tuple; a single one has `create_table`.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

async fn create(db: &Db) {
    db.create_tables::<Book>().await.unwrap();
}

fn main() {}
