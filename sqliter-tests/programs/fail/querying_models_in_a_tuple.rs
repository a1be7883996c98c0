//! A tuple has values, as the columns of two models could not be told apart.
use sqliter::prelude::*;

#[derive(Model)]
struct Author {
    pk: Key<Author>,
    name: String,
}

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    author_id: Key<Author>,
}

async fn pairs(db: &Db) {
    let sql = "SELECT * FROM books JOIN authors ON authors.pk = author_id";
    let pairs = db.query::<(Book, Author)>(sql).fetch_all().await.unwrap();
}

fn main() {}
