//! The stored text of a document has no order.
use sqliter::Json;
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    labels: Json<Vec<String>>,
}

fn query(db: &Db) {
    let _ = db.select::<Book>().annotate(|b| b.labels.min());
}

fn main() {}
