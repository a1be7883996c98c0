//! An attribute is given once.
use sqliter::prelude::*;

#[derive(Model)]
#[model(table = "books", table = "works")]
struct Book {
    pk: Key<Book>,
    #[model(unique)]
    #[model(unique)]
    title: String,
}

fn main() {}
