//! The table of pairs is described once.
use sqliter::prelude::*;

#[derive(Model)]
#[model(many_to_many(books = Book::authors, through = "book_authors"))]
struct Author {
    pk: Key<Author>,
    name: String,
}

#[derive(Model)]
#[model(many_to_many(authors = Author), many_to_many(sequels = Book::sequel_of, symmetrical), many_to_many(sequel_of = Book))]
struct Book {
    pk: Key<Book>,
    title: String,
}

fn main() {}
