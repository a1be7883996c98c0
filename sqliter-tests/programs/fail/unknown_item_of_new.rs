//! `new` knows `derive` and `name`.
use sqliter::prelude::*;

#[derive(Model)]
#[model(new(derives(Debug)))]
struct Book {
    pk: Key<Book>,
}

fn main() {}
