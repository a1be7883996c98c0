//! A transaction ends with its commit.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

async fn run(db: &Db) -> sqliter::Result<()> {
    let tx = db.begin().await?;
    tx.commit().await?;
    tx.select::<Book>().count().await?;
    Ok(())
}

fn main() {}
