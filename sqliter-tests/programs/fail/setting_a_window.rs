//! An update computes its values row by row, without windows.
use sqliter::prelude::*;

#[derive(Model)]
struct Sale {
    pk: Key<Sale>,
    region: String,
    day: i64,
    amount: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Sale>().update(|s| s.amount.set(s.amount.count().over(|w| w)));
}

fn main() {}
