//! A row is changed by the patch of its own model.
use sqliter::prelude::*;

#[derive(Model)]
#[model(patch)]
struct Book {
    pk: Key<Book>,
    title: String,
}

#[derive(Model)]
#[model(patch)]
struct Author {
    pk: Key<Author>,
    name: String,
}

async fn rename(db: &Db) -> sqliter::Result<Author> {
    db.patch(Author::key(1), BookPatch { title: Some("x".into()) }).await
}

fn main() {}
