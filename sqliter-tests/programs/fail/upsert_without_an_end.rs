//! An upsert does nothing before it is told what to do with the row that is there.
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

#[deny(unused_must_use)]
async fn upsert(db: &Db) {
    let draft = || Author::builder().email("a@x").name("Ada").visits(1);
    db.upsert(draft(), |a| a.email);
    db.upsert(draft(), |a| a.email).ignore();
}

fn main() {}
