//! A to-many relation is no column; whether a row is one of its rows is asked by `contains`.
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
    pages: i64,
    author_id: Key<Author>,
}

fn query(db: &Db, book: &Book) {
    let _ = db.select::<Author>().filter(|a| a.books.contains(Author::key(1)));
    let _ = db.select::<Author>().filter(|a| a.books.eq(book));
}

fn main() {}
