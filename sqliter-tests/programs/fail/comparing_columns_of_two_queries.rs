//! A column compares with columns of the same query.
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
    let _ = db.select::<Author>().filter(|a| {
        let _ = db.select::<Book>().filter(|b| b.title.eq(a.name));
        a.name.eq("Jane")
    });
}

fn main() {}
