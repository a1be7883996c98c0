//! A relation behind another is given with `with`.
use sqliter::prelude::*;

#[derive(Model)]
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

#[derive(Model)]
struct Comment {
    pk: Key<Comment>,
    text: String,
    book_id: Key<Book>,
}

fn query(db: &Db) {
    let _ = db.select::<Comment>().select_related(|c| c.book.author);
}

fn main() {}
