//! SQL has no windows over values that are over windows:
//! what is over one is not computed over another.
use sqliter::prelude::*;

#[derive(Model)]
struct Sale {
    pk: Key<Sale>,
    region: String,
    day: i64,
    amount: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Sale>().only(|s| s.amount.sum().over(|w| w).lag(1).over(|w| w.order(s.day.asc())));
}

fn main() {}
