//! A timestamp is of a type that can hold a time; `plain` makes it an ordinary column.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    created_at: String,
}

fn main() {}
