//! A key column is given a key of its model.
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

fn insert(db: &Db) {
    let draft = Author::builder().email("a@x").name("Ada").visits(1);
    let _ = db.insert_with(draft, |a| a.pk.given(Book::key(7)));
}

fn main() {}
