//! A foreign key takes the model that it refers to.
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

fn new(book: &Book) {
    let _ = Book::builder().author_id(book);
}

fn main() {}
