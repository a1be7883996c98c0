//! A placeholder takes one value.
use sqliter::prelude::*;

async fn remove(db: &Db, keys: Vec<i64>) {
    db.execute("DELETE FROM books WHERE pk IN (?)").bind(keys).await.unwrap();
}

fn main() {}
