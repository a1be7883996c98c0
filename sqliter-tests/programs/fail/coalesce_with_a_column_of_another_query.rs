//! The columns of one query all start from the model that it selects.
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
    subtitle: Option<String>,
    author_id: Key<Author>,
}

fn query(db: &Db) {
    let _ = db.select::<Author>().filter(|a| a.books.any(|b| b.subtitle.coalesce(a.name).eq(b.subtitle)));
}

fn main() {}
