//! A new row of a relation is one of the related model.
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

async fn write(db: &Db, ada: &Author, emma: Book) {
    let _ = ada.books(db).create(Author::builder().name("Bea")).await;
    let _ = ada.books(db).create(emma).await;
}

fn main() {}
