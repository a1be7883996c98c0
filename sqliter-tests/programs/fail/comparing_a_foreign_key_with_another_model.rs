//! A foreign key compares with the model that it refers to.
use sqliter::prelude::*;

#[derive(Model)]
struct Author {
    pk: Key<Author>,
    name: String,
}

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    author_id: Key<Author>,
}

fn query(db: &Db, book: &Book) {
    let _ = db.select::<Book>().filter(|b| b.author_id.eq(book));
}

fn main() {}
