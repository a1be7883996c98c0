//! The time of a deletion is of a type that can hold a time.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    #[model(soft_delete)]
    deleted_at: Option<String>,
}

fn main() {}
