//! A number literal must fit the type of the field.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    pages: u16,
}

fn new() {
    let _ = Book::builder().pages("many");
}

fn main() {}
