//! The other side of a many-to-many relation is no foreign key.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    author_id: Key<Author>,
}

#[derive(Model)]
#[model(many_to_many(books = Book::author))]
struct Author {
    pk: Key<Author>,
    name: String,
}

fn main() {}
