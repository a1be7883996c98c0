//! Values, chains and streams do nothing by themselves.
#![deny(unused_must_use)]
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
    db.select::<Book>().fetch_stream();
    db.select::<Book>().filter(|b| {
        count::<Book>();
        b.pages.sum();
        b.pages.distinct();
        b.title.alias("name");
        case_when(b.pages.gt(1), "long");
        b.pages.gt(1);
        b.pages.asc();
        b.pages.set(1);
        b.pages.gt(1)
    });
    db.select::<Author>().filter(|a| {
        a.books.then(|b| b.author.books);
        a.books.any(|b| b.pages.gt(1))
    });
}

fn main() {}
