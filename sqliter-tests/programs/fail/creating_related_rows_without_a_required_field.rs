//! Of a new row of a relation only the foreign key to the row of the relation may be left out.
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
    let _ = ada.books(db).create(Book::builder()).await;
    let _ = db.insert(Book::builder().title("Emma")).await;
}

fn main() {}
