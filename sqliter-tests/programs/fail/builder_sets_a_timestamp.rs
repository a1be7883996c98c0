//! `created_at` is set by the insert.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    created_at: i64,
}

fn new() {
    let _ = Book::builder().created_at(0);
}

fn main() {}
