//! A row that is looked for is given as a draft.
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

fn get(db: &Db, author: Author) {
    let _ = db.get_or_create(author, |a| a.email);
}

fn main() {}
