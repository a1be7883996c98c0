//! A row is related over a foreign key by writing the key.
use sqliter::prelude::*;

#[derive(Model)]
#[model(has_many(books = Book::author))]
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

async fn relate(db: &Db, book: &Book, author: &Author) {
    let _ = author.books(db).add([book]).await;
}

fn main() {}
