//! Both edges of a frame belong to it.
use sqliter::window::{current_row, preceding};
use sqliter::prelude::*;

#[derive(Model)]
struct Sale {
    pk: Key<Sale>,
    region: String,
    day: i64,
    amount: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Sale>().only(|s| s.amount.sum().over(|w| w.rows(preceding(2)..current_row())));
    let _ = db.select::<Sale>().only(|s| s.amount.sum().over(|w| w.rows(2..=0)));
}

fn main() {}
