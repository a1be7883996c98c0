//! A tree is one of rows of one model.
use sqliter::prelude::*;

#[derive(Model)]
#[model(has_many(books = Book::author))]
struct Author {
    pk: Key<Author>,
    name: String,
}

#[derive(Model)]
#[model(has_many(volumes = Book::series))]
struct Book {
    pk: Key<Book>,
    author_id: Key<Author>,
    series_id: Option<Key<Book>>,
}

fn query(db: &Db) {
    let _ = db.select::<Author>().tree(|a| a.books, |a| a.name.eq("Ada"));
    let _ = db.select::<Book>().tree(|b| b.series, |b| b.series_id.is_null());
    let _ = db.select::<Book>().descendants(|b| b.volumes, Author::key(1));
}

fn main() {}
