//! An upsert never changes the key of the row that is there.
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
    let draft = || Author::builder().email("a@x").name("Ada").visits(1);
    let _ = db.upsert(draft(), |a| a.email).update(|a| (a.name, a.pk));
    let _ = db.upsert(draft(), |a| a.email).update(|a| a.pk.set(Author::key(7)));
}

fn main() {}
