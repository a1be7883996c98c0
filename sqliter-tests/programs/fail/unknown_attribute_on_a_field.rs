//! The attributes of a field are known words.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    #[model(uniqe)]
    title: String,
    #[model(primary_key)]
    isbn: String,
}

fn main() {}
