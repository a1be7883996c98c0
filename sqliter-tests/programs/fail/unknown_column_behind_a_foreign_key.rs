//! A foreign key is a column; the row that it leads to is the relation beside it.
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

fn query(db: &Db) {
    let _ = db.select::<Book>().filter(|b| b.author_id.name.eq("Ada"));
}

fn main() {}
