//! A default is of the type of the field.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    #[model(default = "none")]
    pages: i64,
    #[model(default = 5)]
    title: String,
}

fn main() {}
