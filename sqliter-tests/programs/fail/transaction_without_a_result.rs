//! The closure of a transaction says by its result whether to commit.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

async fn run(db: &Db) {
    let _ = db.transaction(async |tx| { tx.select::<Book>().count().await.unwrap(); }).await;
}

fn main() {}
