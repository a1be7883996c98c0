//! The type inside an `Option` fits a column.
use sqliter::prelude::*;

struct Price {
    cents: i64,
}

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    price: Option<Price>,
}

fn main() {}
