//! Windows are computed after rows are filtered: `qualify` chooses rows by them.
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
    let _ = db.select::<Sale>().filter(|s| row_number().over(|w| w.order(s.day.asc())).eq(1));
    let _ = db.select::<Sale>().group_by(|s| s.region).having(|s| s.amount.sum().over(|w| w).gt(1));
}

fn main() {}
