//! Names that begin with `sqlite_` belong to SQLite.
use sqliter::prelude::*;

#[derive(Model)]
#[model(table = "sqlite_books")]
struct Book {
    pk: Key<Book>,
    #[model(column = "")]
    title: String,
}

fn main() {}
