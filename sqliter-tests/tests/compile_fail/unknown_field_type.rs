//! A type that does not exist is reported once.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: Strin,
}

fn main() {}
