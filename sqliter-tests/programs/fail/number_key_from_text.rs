//! A key that SQLite chooses is made from a number.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn key() -> Key<Book> {
    Book::key("1")
}

fn main() {}
