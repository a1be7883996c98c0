//! SQLite chooses keys in tables with row ids only.
use sqliter::prelude::*;

#[derive(Model)]
#[model(without_rowid, renamed_from = "", renamed_from = "sqlite_books")]
struct Book {
    pk: Key<Book>,
    #[model(renamed_from)]
    title: String,
}

fn main() {}
