//! What comes of many related rows is an aggregate of them.
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
    let _ = db.select::<Author>().with_values(|a| a.books.aggregate(|b| b.pages));
    let _ = db.select::<Author>().with_values(|a| a.books.aggregate(|b| (b.pages.sum(), count())));
    let _ = db.select::<Author>().with_values(|a| a.books.then(|b| b.author.books).aggregate(|b| b.pages * 2));
}

fn main() {}
