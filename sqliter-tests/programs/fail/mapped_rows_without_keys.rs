//! Rows are mapped by the keys that they have.
use sqliter::prelude::*;

#[derive(Clone, Model)]
#[model(has_many(books = Book::author))]
struct Author {
    pk: Key<Author>,
    name: String,
}

#[derive(Clone, Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
    author_id: Key<Author>,
}

async fn query(db: &Db) {
    let _ = db.select::<Book>().only(|b| b.title).fetch_map().await;
    let _ = db.select::<Book>().group_by(|b| b.title).fetch_map().await;
}

fn main() {}
