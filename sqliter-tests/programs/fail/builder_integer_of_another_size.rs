//! A wider integer does not fit into a narrower field.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn new(pages: u64) {
    let _ = Book::builder().pages(pages);
}

fn main() {}
