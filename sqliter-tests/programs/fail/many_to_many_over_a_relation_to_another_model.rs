//! The relation of the other model leads back to this one.
use sqliter::prelude::*;

#[derive(Model)]
#[model(many_to_many(books = Book::tags))]
struct Author {
    pk: Key<Author>,
    name: String,
}

#[derive(Model)]
#[model(many_to_many(tags = Tag))]
struct Book {
    pk: Key<Book>,
    title: String,
    author_id: Key<Author>,
}

#[derive(Model)]
struct Tag {
    pk: Key<Tag>,
    name: String,
}

fn main() {}
