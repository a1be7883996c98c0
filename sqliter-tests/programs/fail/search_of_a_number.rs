//! A full-text search is over texts.

use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(search(title, pages))]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: Option<i64>,
}

fn main() {}
