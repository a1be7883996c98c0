//! Only a foreign key has an index unasked.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    #[model(index = false)]
    title: String,
    #[model(index = maybe)]
    isbn: String,
}

fn main() {}
