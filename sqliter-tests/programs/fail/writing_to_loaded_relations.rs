//! What loads related rows is for reading.
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
    let _ = db.select::<Book>().select_related(|b| b.author).delete();
    let _ = db.select::<Author>().prefetch_related(|a| a.books).update(|a| a.name.set("Ada"));
}

fn main() {}
