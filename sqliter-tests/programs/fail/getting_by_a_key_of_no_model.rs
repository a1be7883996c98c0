//! A key belongs to a model.
use sqliter::prelude::*;

struct Ghost;

async fn get(db: &Db, key: Key<Ghost>) {
    db.get(key).await.unwrap();
}

fn main() {}
