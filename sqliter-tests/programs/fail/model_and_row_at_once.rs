//! A model is read from rows already.
use sqliter::Row;
use sqliter::prelude::*;

#[derive(Model, Row)]
struct Book {
    pk: Key<Book>,
    title: String,
}

fn main() {}
