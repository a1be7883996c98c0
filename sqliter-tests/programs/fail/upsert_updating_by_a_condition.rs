//! An upsert writes with `set`, not with `eq`.
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

fn upsert(db: &Db) {
    let draft = Author::builder().email("a@x").name("Ada").visits(1);
    let _ = db.upsert(draft, |a| a.email).update(|a| a.name.eq("Eve"));
}

fn main() {}
