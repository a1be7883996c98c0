//! A key is made with `key`, and read with `raw`.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

fn key() -> Key<Book> {
    5
}

fn number(book: &Book) -> i64 {
    book.pk
}

fn main() {}
