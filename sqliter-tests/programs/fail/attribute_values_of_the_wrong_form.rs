//! Each attribute has one form of value.
use sqliter::prelude::*;

#[derive(Model)]
#[model(table = 3, strict = "no", index, unique = "title")]
struct Book {
    pk: Key<Book>,
    #[model(unique = true, default, column)]
    title: String,
}

fn main() {}
