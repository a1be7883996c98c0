//! One bulk insert is for the rows of one model.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
}

#[derive(Model)]
struct Author {
    pk: Key<Author>,
    name: String,
}

async fn add(db: &Db) {
    db.bulk_insert([Book::builder().title("Emma").build(), Author::builder().name("Jane").build()]).await.unwrap();
}

fn main() {}
