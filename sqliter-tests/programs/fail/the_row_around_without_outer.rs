//! A column of the row around stands in `outer`.
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

fn named_as_a_book(db: &Db) {
    let _ = db.select::<Author>().filter(|a| a.books.any(|b| b.title.eq(a.name)));
}

fn a_value(db: &Db, name: &str) {
    let _ = db.select::<Author>().filter(|a| a.books.any(|b| b.title.eq(outer(name))));
}

fn main() {}
