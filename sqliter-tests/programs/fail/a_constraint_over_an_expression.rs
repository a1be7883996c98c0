//! A constraint is over fields that are unique together.
use sqliter::prelude::*;

#[derive(Model)]
#[model(unique(expr = "lower(title)", constraint))]
#[model(index(title, constraint))]
#[model(unique(title desc, constraint))]
#[model(unique(title, isbn, constraint))]
struct Book {
    pk: Key<Book>,
    title: String,
    isbn: String,
}

fn main() {}
