//! A primary key is never NULL.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Option<Key<Book>>,
    title: String,
}

fn main() {}
