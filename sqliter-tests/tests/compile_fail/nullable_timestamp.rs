//! A timestamp is always set, and no `Option`.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    updated_at: Option<i64>,
}

fn main() {}
