//! Only a model can be selected.
use sqliter::prelude::*;

struct Book {
    title: String,
}

fn query(db: &Db) {
    let _ = db.select::<Book>();
}

fn main() {}
