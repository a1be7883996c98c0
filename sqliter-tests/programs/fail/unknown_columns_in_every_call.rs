//! Wherever a closure names columns, it reaches only the fields that the model has.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().order(|b| b.titel.asc());
    let _ = db.select::<Book>().only(|b| b.titel);
    let _ = db.select::<Book>().exclude(|b| b.titel);
    let _ = db.select::<Book>().group_by(|b| b.titel);
    let _ = db.select::<Book>().annotate(|b| b.titel.max());
    let _ = db.select::<Book>().update(|b| b.titel.set("Emma"));
}

fn main() {}
