//! The field `pk` is a key of its own model.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

#[derive(Model)]
struct Author {
    pk: Key<Book>,
    name: String,
}

fn main() {}
