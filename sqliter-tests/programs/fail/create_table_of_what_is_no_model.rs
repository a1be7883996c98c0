//! A table is made of a model.
use sqliter::prelude::*;

struct Author {
    name: String,
}

async fn create(db: &Db) {
    db.create_table::<Author>().await.unwrap();
}

fn main() {}
