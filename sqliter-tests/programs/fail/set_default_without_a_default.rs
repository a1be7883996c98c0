//! `set_default` needs a default.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

#[derive(Model)]
struct Chapter {
    pk: Key<Chapter>,
    #[model(on_delete = set_default)]
    book_id: Key<Book>,
}

fn main() {}
