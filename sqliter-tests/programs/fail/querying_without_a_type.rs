//! A query is told what one row is.
use sqliter::prelude::*;

async fn count(db: &Db) {
    let count = db.query("SELECT count(*) FROM books").fetch_required().await.unwrap();
}

fn main() {}
