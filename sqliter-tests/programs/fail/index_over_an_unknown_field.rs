//! An index is over fields of the model.
use sqliter::prelude::*;

#[derive(Model)]
#[model(index(titel), unique(title, weight))]
struct Book {
    pk: Key<Book>,
    title: String,
}

fn main() {}
