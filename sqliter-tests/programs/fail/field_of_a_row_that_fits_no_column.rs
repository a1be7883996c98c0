//! The fields of a row are of types that fit a column.
use sqliter::Row;
use sqliter::prelude::*;

#[derive(Row)]
struct CountryTotal {
    country: String,
    totals: Vec<f64>,
}

async fn totals(db: &Db) -> Vec<CountryTotal> {
    db.query::<CountryTotal>("SELECT country, totals FROM sales").fetch_all().await.unwrap()
}

fn main() {}
