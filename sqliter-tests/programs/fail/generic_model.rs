//! A model has one type for every column.
use sqliter::prelude::*;

#[derive(Model)]
struct Book<T> {
    pk: Key<Book<T>>,
    title: T,
}

fn main() {}
