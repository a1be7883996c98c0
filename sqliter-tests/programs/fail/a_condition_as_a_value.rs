//! A condition is a value as a CASE.
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

fn branch(db: &Db) {
    let _ = db.select::<Book>().only(|b| case_when(b.pages.gt(1), b.title.eq("Emma")).end());
}

fn operand(db: &Db) {
    let _ = db.select::<Book>().update(|b| b.pages.set(b.title.eq("Emma")));
}

fn main() {}
