//! Beside groups stand windows over groups.
use sqliter::prelude::*;

#[derive(Model)]
struct Sale {
    pk: Key<Sale>,
    region: String,
    day: i64,
    amount: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Sale>().group_by(|s| s.region).annotate(|s| s.amount.sum().over(|w| w.order(s.day.asc())));
}

fn main() {}
