//! A row is deleted by its key or by the model.
use sqliter::prelude::*;

async fn remove(db: &Db) {
    db.delete("x").await.unwrap();
}

fn main() {}
