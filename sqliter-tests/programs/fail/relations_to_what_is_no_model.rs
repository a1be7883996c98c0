//! Both sides of a relation are models.
use sqliter::prelude::*;

struct Tag {
    name: String,
}

#[derive(Model)]
#[model(has_many(notes = Tag::book), many_to_many(tags = Tag))]
struct Book {
    pk: Key<Book>,
    title: String,
}

fn main() {}
