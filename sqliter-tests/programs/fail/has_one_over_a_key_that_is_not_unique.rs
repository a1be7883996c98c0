//! At most one row refers to another only if the foreign key is unique.
use sqliter::prelude::*;

#[derive(Model)]
#[model(has_one(book = Book::author))]
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
