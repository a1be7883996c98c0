//! A foreign key refers to a model.
use sqliter::prelude::*;

struct Publisher {
    name: String,
}

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    publisher_id: Key<Publisher>,
}

fn main() {}
