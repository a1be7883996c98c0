//! A struct of the program is stored as JSON, or as a newtype.
use sqliter::prelude::*;

struct Price {
    cents: i64,
}

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    price: Price,
}

fn main() {}
