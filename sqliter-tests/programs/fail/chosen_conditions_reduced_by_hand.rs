//! A list of conditions is joined by `any` and `all`, which say what holds of none.
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

fn query(db: &Db, words: &[String]) {
    let _ = db.select::<Book>().filter(|b| words.iter().map(|word| b.title.icontains(word)).reduce(|a, b| a | b));
    let _ = db.select::<Book>().filter(|b| words.iter().map(|word| b.title.icontains(word)).collect::<Vec<_>>());
}

fn main() {}
