//! Each field of a row has a column of its own.
use sqliter::Row;
use sqliter::prelude::*;

#[derive(Row)]
struct CountryTotal {
    country: String,
    #[row(column = "Country")]
    name: String,
}

async fn totals(db: &Db) -> Vec<CountryTotal> {
    db.query::<CountryTotal>("SELECT country FROM sales").fetch_all().await.unwrap()
}

fn main() {}
