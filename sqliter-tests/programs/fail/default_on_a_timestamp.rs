//! A timestamp has no default.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    #[model(default = 0)]
    created_at: i64,
}

fn main() {}
