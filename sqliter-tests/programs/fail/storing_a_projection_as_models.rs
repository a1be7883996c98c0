//! The rows of a projection are its columns, not models.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

async fn query(db: &Db) -> sqliter::Result<Vec<Book>> {
    db.select::<Book>().only(|b| b.title).fetch_all().await
}

fn main() {}
