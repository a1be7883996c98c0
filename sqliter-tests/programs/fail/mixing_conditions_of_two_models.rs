//! Conditions of two models do not go together.
use sqliter::Condition;
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
}

fn both(author: Condition<Author>, book: Condition<Book>) -> Condition<Book> {
    book & author
}

fn main() {}
