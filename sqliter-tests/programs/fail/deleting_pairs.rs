//! A deletion is about rows.
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
    let _ = db.select::<Author>().left_join_related(|a| a.books).delete();
}

fn main() {}
