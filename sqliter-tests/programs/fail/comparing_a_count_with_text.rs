//! A number of rows is compared with a number.
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

fn query(db: &Db) {
    let _ = db.select::<Author>().filter(|a| a.books.count().ge("2"));
    let _ = db.select::<Author>().filter(|a| a.books.count() > 2);
}

fn main() {}
