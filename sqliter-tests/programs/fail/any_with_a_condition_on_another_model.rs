//! The condition of `any` is one on the related rows.
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
    let _ = db.select::<Author>().filter(|a| a.books.any(|_| a.name.eq("Ada")));
    let _ = db.select::<Author>().filter(|a| a.books.any(|b| b.title));
    let _ = db.select::<Author>().filter(|a| a.books.title.eq("Emma"));
}

fn main() {}
