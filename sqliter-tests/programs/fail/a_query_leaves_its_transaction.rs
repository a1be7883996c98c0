//! A query does not leave the closure of its transaction.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

async fn run(db: &Db) -> sqliter::Result<()> {
    let books = db.transaction(async |tx| Ok::<_, sqliter::Error>(tx.select::<Book>())).await?;
    books.fetch_all().await?;
    Ok(())
}

fn main() {}
