//! Two fields have two columns.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    #[model(column = "Title")]
    subtitle: String,
}

fn main() {}
