//! Columns compare by methods, not by Rust's operators.
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

fn numbers(db: &Db) {
    let _ = db.select::<Book>().filter(|b| b.pages > 5);
}

fn text(db: &Db) {
    let _ = db.select::<Book>().filter(|b| b.title == "x");
}

fn keys(db: &Db, key: Key<Author>) {
    let _ = db.select::<Book>().filter(|b| b.author_id == key);
}

fn counts(db: &Db) {
    let _ = db.select::<Author>().filter(|a| a.books.count() > 1);
}

fn groups(db: &Db) {
    let _ = db.select::<Book>().group_by(|b| b.title).annotate(|_| count()).having(|_| count() > 1);
}

fn related(db: &Db) {
    let _ = db.select::<Author>().filter(|a| a.books.any(|b| b.pages >= 5));
}

fn main() {}
