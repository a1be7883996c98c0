//! A row has named fields; values by position are a tuple.
use sqliter::Row;
use sqliter::prelude::*;

#[derive(Row)]
struct CountryTotal(String, Option<f64>);

async fn totals(db: &Db) -> Vec<CountryTotal> {
    db.query::<CountryTotal>("SELECT country, sum(amount) FROM sales").fetch_all().await.unwrap()
}

fn main() {}
