//! The other side names the relation that the first one declares.
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
#[model(many_to_many(books = Book::tag))]
struct Tag {
    pk: Key<Tag>,
    name: String,
}

fn main() {}
