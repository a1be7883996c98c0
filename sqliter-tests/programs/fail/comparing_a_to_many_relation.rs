//! The rows of a to-many relation are asked for by `any`, `none` and `all`.
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
    let _ = db.select::<Author>().filter(|a| a.books.contains(book));
    let _ = db.select::<Author>().filter(|a| a.books.eq(book));
}

fn main() {}
