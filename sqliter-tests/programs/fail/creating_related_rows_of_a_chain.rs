//! New rows belong to the relation itself, not to a chain over some of its rows.
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

async fn write(db: &Db, ada: &Author) {
    let _ = ada.books(db).filter(|b| b.title.ne("")).create(Book::builder().title("Emma")).await;
}

fn main() {}
