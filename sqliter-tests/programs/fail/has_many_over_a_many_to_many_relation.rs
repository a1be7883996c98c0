//! `has_many` rests on a foreign key.
use sqliter::prelude::*;

#[derive(Model)]
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
#[model(has_many(books = Book::tags))]
struct Tag {
    pk: Key<Tag>,
    name: String,
}

fn main() {}
