//! A path is part of the program's text: what users type is no path.
use sqliter::{Json, prelude::*};

#[derive(Model)]
struct Image {
    pk: Key<Image>,
    meta: Json<Vec<i64>>,
}

fn query(db: &Db, path: &str) {
    let _ = db.select::<Image>().filter(|i| i.meta.path::<i64>(path).gt(2));
}

fn main() {}
