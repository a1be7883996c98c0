//! The attributes of a model are known words.
use sqliter::prelude::*;

#[derive(Model)]
#[model(tabel = "books")]
struct Book {
    pk: Key<Book>,
}

fn main() {}
