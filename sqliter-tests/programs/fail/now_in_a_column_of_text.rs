//! The present time is a value of an instant, and not of a text or a date.
use sqliter::prelude::*;

#[derive(Model)]
struct Event {
    pk: Key<Event>,
    title: String,
    day: chrono::NaiveDate,
    at: chrono::DateTime<chrono::Utc>,
}

fn query(db: &Db) {
    let _ = db.select::<Event>().filter(|e| e.title.lt(now()));
    let _ = db.select::<Event>().filter(|e| e.day.lt(now()));
    let _ = db.select::<Event>().filter(|e| e.at.lt(now() - 3600));
    let _ = db.select::<Event>().only(|e| now() - e.title);
}

fn main() {}
