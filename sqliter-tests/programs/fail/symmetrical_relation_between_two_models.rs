//! A relation counts in both directions only between rows of one model.
use sqliter::prelude::*;

#[derive(Model)]
#[model(many_to_many(tags = Tag, symmetrical))]
struct Book {
    pk: Key<Book>,
    title: String,
}

#[derive(Model)]
struct Tag {
    pk: Key<Tag>,
    name: String,
}

fn main() {}
