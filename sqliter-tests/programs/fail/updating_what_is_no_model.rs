//! Only a model can be updated.
use sqliter::prelude::*;

async fn save(db: &Db) {
    let mut title = String::from("Emma");
    db.update(&mut title).await.unwrap();
}

fn main() {}
