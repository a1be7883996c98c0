//! Keys of two models do not compare outside of queries either.
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

fn same(author: &Author, book: &Book) -> bool {
    author.pk == book.pk
}

fn main() {}
