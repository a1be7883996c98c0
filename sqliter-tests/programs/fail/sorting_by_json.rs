//! A JSON column has no order.
use sqliter::Json;
use sqliter::prelude::*;

#[derive(Model)]
struct Track {
    pk: Key<Track>,
    moods: Json<Vec<String>>,
}

fn query(db: &Db) {
    let _ = db.select::<Track>().order(|t| t.moods.asc());
}

fn main() {}
