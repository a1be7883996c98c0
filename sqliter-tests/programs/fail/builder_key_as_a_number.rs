//! A foreign key takes a key, not a number.
use sqliter::prelude::*;

#[derive(Model)]
struct Author {
    pk: Key<Author>,
    name: String,
}

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    author_id: Key<Author>,
}

fn new() {
    let _ = Book::builder().author_id(1);
}

fn main() {}
