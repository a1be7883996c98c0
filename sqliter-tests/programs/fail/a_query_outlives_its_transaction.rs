//! A query borrows its transaction, and runs before the commit.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

async fn run(db: &Db) -> sqliter::Result<()> {
    let tx = db.begin().await?;
    let books = tx.select::<Book>();
    tx.commit().await?;
    books.fetch_all().await?;
    Ok(())
}

fn main() {}
