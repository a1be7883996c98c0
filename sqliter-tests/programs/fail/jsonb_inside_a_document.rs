//! A document inside a document is JSON: its bytes are not those of a column.
use sqliter::Jsonb;
use sqliter::prelude::*;

#[derive(Model)]
struct Image {
    pk: Key<Image>,
    meta: Jsonb<Vec<i64>>,
}

fn query(db: &Db) {
    let _ = db.select::<Image>().only(|i| i.meta.path::<Jsonb<Vec<i64>>>("$.sizes"));
}

fn main() {}
