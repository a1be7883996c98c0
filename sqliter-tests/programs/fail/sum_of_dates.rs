//! A sum of dates has no meaning.
use sqliter::prelude::*;

#[derive(Model)]
struct Event {
    pk: Key<Event>,
    day: chrono::NaiveDate,
    ended: Option<chrono::NaiveDate>,
}

fn query(db: &Db) {
    let _ = db.select::<Event>().annotate(|e| e.day.sum());
    let _ = db.select::<Event>().annotate(|e| e.ended.avg());
}

fn main() {}
