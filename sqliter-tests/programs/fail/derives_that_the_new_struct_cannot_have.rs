//! The `New…` struct derives what its fields allow.
use sqliter::prelude::*;

#[derive(Model)]
#[model(new(derive(Copy, Clone)))]
struct Book {
    pk: Key<Book>,
    title: String,
}

fn main() {}
