//! `has_many` names a relation that the other model has.
use sqliter::prelude::*;

#[derive(Model)]
#[model(has_many(books = Book::authr))]
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

fn main() {}
