//! Rows that are updated are models with their keys, not drafts.
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

fn update(db: &Db) {
    let mut drafts = vec![NewAuthor { email: "a@x".to_owned(), name: "Ada".to_owned(), visits: 1 }];
    let _ = db.bulk_update(&mut drafts);
    let mut builders = [Author::builder().email("a@x").name("Ada").visits(1)];
    let _ = db.bulk_update(&mut builders);
}

fn main() {}
