//! The primary key is called `pk`, or marked.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    id: Key<Book>,
    title: String,
}

fn main() {}
