//! Related rows come beside whole rows.
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
    let _ = db.select::<Book>().only(|b| b.title).select_related(|b| b.author);
    let _ = db.select::<Author>().exclude(|a| a.name).prefetch_related(|a| a.books);
}

fn main() {}
