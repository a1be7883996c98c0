//! What `any` and `all` join are conditions, of one model.
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
    let _ = db.select::<Book>().filter(|b| any(words));
    let _ = db.select::<Book>().filter(|b| all([b.title.eq("Emma"), true]));
    let _ = db.select::<Book>().filter(|b| any(b.title.eq("Emma")));
    let _ = db.select::<Author>().filter(|a| any([a.name.eq("Ada")]) & any([Book::key(1)]));
}

fn main() {}
