//! The row itself is no relation of the row.
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

#[derive(View)]
#[view(Book)]
struct BookCard {
    book: Book,
    author: Author,
}

fn main() {}
