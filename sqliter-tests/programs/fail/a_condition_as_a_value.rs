//! A condition is a value of the type `bool`.
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

fn operand(db: &Db) {
    let _ = db.select::<Book>().update(|b| b.pages.set(b.title.eq("Emma")));
}

fn main() {}
