//! The columns of one query all start from the model that it selects.
use sqliter::prelude::*;

#[derive(Model)]
#[model(has_many(books = Book::author))]
struct Author {
    pk: Key<Author>,
    name: String,
    age: i64,
}

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
    author_id: Key<Author>,
}

fn query(db: &Db) {
    let _ = db.select::<Author>().filter(|a| a.books.any(|b| (b.pages - a.age).gt(1)));
}

fn main() {}
