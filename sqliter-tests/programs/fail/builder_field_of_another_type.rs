//! A setter takes what converts into the type of the field.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn new() {
    let _ = Book::builder().title(5);
}

fn main() {}
