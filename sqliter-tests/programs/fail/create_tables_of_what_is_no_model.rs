//! All of the tuple are models.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
}

struct Author;

async fn create(db: &Db) {
    db.create_tables::<(Author, Book)>().await.unwrap();
}

fn main() {}
