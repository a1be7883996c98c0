//! `set_null` needs a foreign key that may be NULL.
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
    author_id: Key<Author>,
}

#[derive(Model)]
struct Chapter {
    pk: Key<Chapter>,
    #[model(on_delete = set_null)]
    book_id: Key<Book>,
}

fn main() {}
