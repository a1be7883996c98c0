//! A record has all columns, so that nothing stands beside it.
use sqliter::Record;
use sqliter::prelude::*;

async fn rows(db: &Db) {
    let rows: Vec<(Record, i64)> = db.query("SELECT *, 1 FROM issues").fetch_all().await.unwrap();
}

fn main() {}
