//! The other side of a many-to-many relation is the side that declares it.
use sqliter::prelude::*;

#[derive(Model)]
#[model(has_many(books = Book::author))]
struct Author {
    pk: Key<Author>,
    name: String,
}

#[derive(Model)]
#[model(many_to_many(authors = Author::books))]
struct Book {
    pk: Key<Book>,
    title: String,
    author_id: Key<Author>,
}

fn main() {}
