//! A row has no related rows in it: they are fetched, or loaded with it as a tuple.
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
struct Tag {
    pk: Key<Tag>,
    name: String,
}

fn read(book: &Book) {
    println!("{}", book.author.name);
    for tag in book.tags {}
}

fn main() {}
