//! Aggregates and window functions are computed over windows, not values of single rows.
use sqliter::prelude::*;

#[derive(Model)]
struct Sale {
    pk: Key<Sale>,
    region: String,
    day: i64,
    amount: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Sale>().only(|s| (s.amount + 1).over(|w| w));
}

fn main() {}
