//! A builder gives a row once every required field is set.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn new() -> NewBook {
    Book::builder().title("Emma").build()
}

fn main() {}
