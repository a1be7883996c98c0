//! `qualify` is for values over windows, `filter` for columns.
use sqliter::prelude::*;

#[derive(Model)]
struct Sale {
    pk: Key<Sale>,
    region: String,
    day: i64,
    amount: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Sale>().qualify(|s| s.amount.gt(3));
    let _ = db.select::<Sale>().qualify(|s| s.amount);
}

fn main() {}
