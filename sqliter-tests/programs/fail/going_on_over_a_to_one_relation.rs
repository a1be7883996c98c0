//! `then` goes on over a to-many relation; a to-one relation is part of a path.
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
    let _ = db.select::<Author>().with_count(|a| a.books.then(|b| b.author));
    let _ = db.select::<Author>().with_count(|a| a.books.then(|b| b.author.books).then(|b| b.title));
    let _ = db.select::<Author>().with_count(|a| a.books.then(|_| a.books));
}

fn main() {}
