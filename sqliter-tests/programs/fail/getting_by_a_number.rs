//! A number does not say of which model it is a key: `Author::key(1)` does.
use sqliter::prelude::*;

async fn get(db: &Db) {
    db.get(1).await.unwrap();
}

fn main() {}
