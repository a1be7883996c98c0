//! The columns of related rows are reached in the closure of `any`, `count` and the like.
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

fn query(db: &Db) {
    let _ = db.select::<Author>().filter(|a| a.books.title.eq("Emma"));
}

fn main() {}
