//! The attributes stand in parentheses.
use sqliter::prelude::*;

#[derive(Model)]
#[model = "books"]
struct Book {
    pk: Key<Book>,
    #[model]
    title: String,
}

fn main() {}
