//! A column that is never NULL is compared with a value, not with an `Option`.
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

fn query(db: &Db, pages: Option<i64>) {
    let _ = db.select::<Book>().filter(|b| b.pages.eq(pages));
}

fn main() {}
