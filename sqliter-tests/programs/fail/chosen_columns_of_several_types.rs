//! Columns of several types are chosen with their direction, which makes them one type.
use sqliter::prelude::*;

#[derive(Clone, Model)]
#[model(has_many(books = Book::author))]
struct Author {
    pk: Key<Author>,
    name: String,
}

#[derive(Clone, Model)]
struct Book {
    pk: Key<Book>,
    title: String,
    pages: i64,
    author_id: Key<Author>,
}

fn query(db: &Db, by: &str) {
    let _ = db.select::<Book>().order(|b| {
        let column = match by {
            "title" => b.title,
            _ => b.pages,
        };
        column.asc()
    });
}

fn main() {}
