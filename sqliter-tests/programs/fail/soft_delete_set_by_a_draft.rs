//! A new row is not deleted, and a patch deletes none.
use sqliter::prelude::*;

#[derive(Model)]
#[model(patch)]
struct Book {
    pk: Key<Book>,
    name: String,
    #[model(soft_delete)]
    deleted_at: Option<i64>,
}

fn draft() {
    let _ = Book::builder().name("x").deleted_at(1);
}

fn patch() -> BookPatch {
    BookPatch { name: None, deleted_at: Some(None) }
}

fn main() {}
