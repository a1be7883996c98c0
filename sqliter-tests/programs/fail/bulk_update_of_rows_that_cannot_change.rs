//! Rows that are updated get their new `updated_at`, so they are borrowed mutably.
use sqliter::prelude::*;

#[derive(Model)]
struct Author {
    pk: Key<Author>,
    #[model(unique)]
    email: String,
    name: String,
    visits: i64,
}

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    #[model(unique)]
    title: String,
    pages: i64,
    author_id: Key<Author>,
}

fn update(db: &Db, authors: Vec<Author>) {
    let _ = db.bulk_update(&authors);
    let _ = db.bulk_update(authors);
}

fn main() {}
