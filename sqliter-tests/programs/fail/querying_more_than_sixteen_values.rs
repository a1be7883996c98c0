//! A tuple has up to sixteen values.
use sqliter::prelude::*;

type Wide = (i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64, i64);

async fn wide(db: &Db) {
    let rows = db.query::<Wide>("SELECT * FROM wide").fetch_all().await.unwrap();
}

fn main() {}
