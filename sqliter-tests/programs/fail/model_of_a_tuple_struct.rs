//! A model has named fields.
use sqliter::prelude::*;

#[derive(Model)]
struct Book(Key<Book>, String);

fn main() {}
