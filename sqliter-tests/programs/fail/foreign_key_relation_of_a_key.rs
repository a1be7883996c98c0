//! What a foreign key of a row leads to is not known by the key of the row.
use sqliter::prelude::*;

#[derive(Model)]
#[model(has_many(books = Book::author))]
struct Author {
    pk: Key<Author>,
}

#[derive(Model)]
#[model(has_many(notes = Note::book))]
struct Book {
    pk: Key<Book>,
    author_id: Key<Author>,
}

#[derive(Model)]
struct Note {
    pk: Key<Note>,
    book_id: Key<Book>,
}

async fn author(db: &Db) -> sqliter::Result<Author> {
    Book::key(1).author(db).fetch().await
}

fn main() {}
