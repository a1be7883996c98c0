//! The foreign key refers to the model that has the rows.
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
#[model(has_many(books = Book::author))]
struct Publisher {
    pk: Key<Publisher>,
    name: String,
}

fn main() {}
