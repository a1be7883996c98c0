//! One field holds the time of creation.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    created_at: i64,
    #[model(created_at)]
    made: i64,
}

fn main() {}
