//! A window function needs its window.
use sqliter::window::row_number;
use sqliter::prelude::*;

#[derive(Model)]
struct Sale {
    pk: Key<Sale>,
    region: String,
    day: i64,
    amount: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Sale>().fields(|s| (s.day, row_number()));
}

fn main() {}
