//! `Json` holds what serde can write and read.
use sqliter::Json;
use sqliter::prelude::*;

struct Price {
    cents: i64,
}

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    price: Json<Price>,
}

fn main() {}
