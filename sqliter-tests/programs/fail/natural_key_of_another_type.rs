//! The key of a model is made from its own type.
use sqliter::prelude::*;

#[derive(Model)]
struct Country {
    #[model(pk)]
    code: String,
    name: String,
}

fn key() -> Key<Country> {
    Country::key(33)
}

fn main() {}
