//! A document has no order and no equality, in whatever form it is stored.
use sqliter::Jsonb;
use sqliter::prelude::*;

#[derive(Model)]
struct Image {
    pk: Key<Image>,
    meta: Jsonb<Vec<i64>>,
}

fn query(db: &Db) {
    let _ = db.select::<Image>().filter(|i| i.meta.eq(Jsonb(vec![1])));
}

fn main() {}
