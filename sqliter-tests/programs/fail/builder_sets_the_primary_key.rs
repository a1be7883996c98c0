//! SQLite chooses the key: a builder does not set it.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn new() {
    let _ = Book::builder().pk(Book::key(1));
}

fn main() {}
