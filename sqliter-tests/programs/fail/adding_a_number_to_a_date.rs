//! A date takes a duration of its crate, and no number; two dates are not added.
use sqliter::prelude::*;

#[derive(Model)]
struct Event {
    pk: Key<Event>,
    day: chrono::NaiveDate,
    at: chrono::DateTime<chrono::Utc>,
    ended: Option<chrono::DateTime<chrono::Utc>>,
    unix: Unix<chrono::DateTime<chrono::Utc>>,
}

fn query(db: &Db) {
    let _ = db.select::<Event>().filter(|e| (e.day + 1).lt(e.day));
    let _ = db.select::<Event>().only(|e| e.at + e.ended);
    let _ = db.select::<Event>().only(|e| e.at - jiff::SignedDuration::from_hours(1));
    let _ = db.select::<Event>().only(|e| e.at - e.unix);
    let _ = db.select::<Event>().filter(|e| (e.ended - e.at).gt(3600));
    let _ = db.select::<Event>().only(|e| (e.ended - e.at) * 2);
}

fn main() {}
