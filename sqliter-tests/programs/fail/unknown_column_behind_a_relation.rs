//! A path reaches only the fields and relations that the related model has.
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
    let _ = db.select::<Book>().filter(|b| b.author.nam.eq("Ada"));
    let _ = db.select::<Comment>().filter(|c| c.book.author.surname.eq("Ada"));
    let _ = db.select::<Book>().select_related(|b| b.writer);
}

fn main() {}
