//! A model owns its values.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: &'static str,
}

fn main() {}
