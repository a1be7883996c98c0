//! An index lists fields, not texts.
use sqliter::prelude::*;

#[derive(Model)]
#[model(index("title"))]
struct Book {
    pk: Key<Book>,
    title: String,
}

fn main() {}
