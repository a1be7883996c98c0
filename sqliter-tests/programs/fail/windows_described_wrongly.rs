//! A window is described by a closure; its order has a direction, and its frame edges.
use sqliter::prelude::*;
use sqliter::window::{rank, row_number};

#[derive(Model)]
struct Sale {
    pk: Key<Sale>,
    region: String,
    day: i64,
    amount: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Sale>().only(|s| row_number().over(s.region));
    let _ = db.select::<Sale>().only(|s| row_number().over(|w| w.partition_by("region")));
    let _ = db.select::<Sale>().only(|s| rank().over(|w| w.order(s.day)));
    let _ = db.select::<Sale>().only(|s| s.amount.sum().over(|w| w.order(s.day.asc()).rows(2..=0)));
    let _ = db.select::<Sale>().only(|s| s.amount.sum().over(|w| w.partition_by(s.region).order(s.day.asc())).gt(3));
    let _ = db.select::<Sale>().only(|s| s.amount.lag().over(|w| w.order(s.day.asc())));
}

fn main() {}
