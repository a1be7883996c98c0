//! A relation and a field have two names.
use sqliter::prelude::*;

#[derive(Model)]
#[model(has_many(name = Note::author))]
struct Author {
    pk: Key<Author>,
    name: String,
}

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    author: String,
    author_id: Key<Author>,
}

#[derive(Model)]
struct Note {
    pk: Key<Note>,
    author_id: Key<Author>,
}

fn main() {}
