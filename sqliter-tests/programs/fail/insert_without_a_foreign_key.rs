//! A foreign key that is not an `Option` is required.
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

async fn add(db: &Db) {
    db.insert(Book::builder().title("Emma")).await.unwrap();
}

fn main() {}
