//! An upsert writes columns of its own model.
use sqliter::prelude::*;

#[derive(Model)]
struct Author {
    pk: Key<Author>,
    #[model(unique)]
    email: String,
    name: String,
    visits: i64,
}

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    #[model(unique)]
    title: String,
    pages: i64,
    author_id: Key<Author>,
}

fn upsert(db: &Db, author: &Author) {
    let draft = || Book::builder().title("Emma").pages(300).author_id(author);
    let _ = db.upsert(draft(), |b| b.title).update(|b| b.author.name);
    let _ = db.upsert(draft(), |b| b.title).update(|b| b.author.name.set("Jane"));
}

fn main() {}
