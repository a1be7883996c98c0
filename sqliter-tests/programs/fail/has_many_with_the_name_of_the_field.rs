//! The relation of the field `author_id` is `author`.
use sqliter::prelude::*;

#[derive(Model)]
#[model(has_many(books = Book::author_id))]
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
