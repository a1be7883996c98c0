//! Groups are made by columns of the model that the query selects, and of its relations.
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
    let _ = db.select::<Author>().filter(|a| a.books.any(|b| {
        let _ = db.select::<Author>().group_by(|_| b.title);
        b.pages.gt(1)
    }));
}

fn main() {}
