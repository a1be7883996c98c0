//! A list is stored as JSON.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    tags: Vec<String>,
}

fn main() {}
