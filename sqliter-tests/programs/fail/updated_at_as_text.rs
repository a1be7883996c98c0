//! `updated_at` too is of a type that can hold a time.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    updated_at: String,
}

fn main() {}
