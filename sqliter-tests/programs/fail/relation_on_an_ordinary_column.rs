//! Only a foreign key has a relation.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    #[model(relation = "author")]
    author_id: i64,
    #[model(relation = "the title")]
    title: String,
}

fn main() {}
