//! The first row is of a to-many relation.
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
    let _ = db.select::<Author>().with_first(|a| a.books.order(|b| b.title.asc()).first(|b| b.title));
}

fn main() {}
