//! An action is a word, not a text.
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
    #[model(on_delete = "cascade")]
    book_id: Key<Book>,
}

fn main() {}
