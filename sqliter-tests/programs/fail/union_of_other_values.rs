//! Queries that are taken together give the same.
use sqliter::prelude::*;

#[derive(Model)]
struct Sale {
    pk: Key<Sale>,
    region: String,
    day: i64,
    amount: i64,
}

fn query(db: &Db) {
    let regions = db.select::<Sale>().only(|s| s.region);
    let _ = regions.union_all(db.select::<Sale>().only(|s| s.day));
}

fn main() {}
