//! A date has a year, a month and a day, a time an hour, a minute and a second.
use sqliter::prelude::*;

#[derive(Model)]
struct Event {
    pk: Key<Event>,
    name: String,
    day: chrono::NaiveDate,
    time: chrono::NaiveTime,
}

fn query(db: &Db) {
    let _ = db.select::<Event>().only(|e| e.name.year());
    let _ = db.select::<Event>().only(|e| e.time.month());
    let _ = db.select::<Event>().only(|e| e.day.hour());
}

fn main() {}
