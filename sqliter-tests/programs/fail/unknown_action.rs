//! The actions are those of SQLite.
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
    #[model(on_delete = casade)]
    book_id: Key<Book>,
    #[model(on_delete = explode)]
    next_id: Option<Key<Book>>,
}

fn main() {}
