//! A column is nullable once.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    subtitle: Option<Option<String>>,
}

fn main() {}
