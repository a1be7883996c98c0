//! Conditions are joined with `&` and `|`, not by methods.
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
    let _ = db.select::<Book>().filter(|b| b.pages.gt(5).and(b.title.eq("Emma")));
    let _ = db.select::<Book>().filter(|b| b.pages.gt(5).or(b.title.eq("Emma")));
}

fn main() {}
