//! The setter of a nullable field takes its value or an `Option` of it.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    subtitle: Option<String>,
}

fn new() {
    let _ = Book::builder().subtitle(5);
}

fn main() {}
