//! A builder has the fields of its model.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn new() {
    let _ = Book::builder().titel("Emma");
}

fn main() {}
