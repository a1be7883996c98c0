//! A draft is used up by the insert that takes it; a clone of it is another row.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
}

async fn add(db: &Db) {
    let emma = Book::builder().title("Emma").build();
    db.bulk_insert([emma, emma]).await.unwrap();
}

fn main() {}
