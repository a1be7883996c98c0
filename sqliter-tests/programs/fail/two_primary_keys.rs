//! A model has one primary key.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    #[model(pk)]
    isbn: String,
}

fn main() {}
