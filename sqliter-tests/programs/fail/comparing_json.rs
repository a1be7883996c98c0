//! A JSON column has no equality.
use sqliter::Json;
use sqliter::prelude::*;

#[derive(Model)]
struct Track {
    pk: Key<Track>,
    moods: Json<Vec<String>>,
}

fn query(db: &Db, moods: Json<Vec<String>>) {
    let _ = db.select::<Track>().filter(|t| t.moods.eq(moods));
}

fn main() {}
