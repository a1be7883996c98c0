//! A number is a date when the field says so: `Unix<…>`.
use sqliter::prelude::*;

#[derive(Model)]
struct Event {
    pk: Key<Event>,
    created_at: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Event>().only(|e| e.created_at.year());
}

fn main() {}
