//! Only a foreign key has actions.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    #[model(on_delete = cascade)]
    title: String,
}

fn main() {}
