//! The rows of a query are read as what says how.
use sqliter::prelude::*;

struct CountryTotal {
    country: String,
    total: f64,
}

async fn totals(db: &Db) {
    let totals = db.query::<CountryTotal>("SELECT country, sum(amount) AS total FROM sales").fetch_all().await.unwrap();
}

fn main() {}
