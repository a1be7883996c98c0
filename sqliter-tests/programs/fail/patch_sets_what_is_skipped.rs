//! What a patch leaves out cannot be patched.
use sqliter::prelude::*;

#[derive(Model)]
#[model(patch)]
struct Book {
    pk: Key<Book>,
    title: String,
    #[model(patch(skip))]
    owner: String,
    updated_at: i64,
}

fn patch() -> BookPatch {
    BookPatch { owner: Some("me".into()), updated_at: Some(0), ..Default::default() }
}

fn main() {}
