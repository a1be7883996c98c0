//! A group is of many rows: there is no single related row beside it.
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
    let _ = db.select::<Book>().group_by(|b| b.title).select_related(|b| b.author);
    let _ = db.select::<Author>().group_by(|a| a.name).prefetch_related(|a| a.books);
    let _ = db.select::<Author>().group_by(|a| a.name).with_count(|a| a.books);
    let _ = db.select::<Author>().group_by(|a| a.name).with_values(|a| a.books.count());
}

fn main() {}
