//! A write happens when it is awaited.
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
async fn write(db: &Db, authors: &mut Vec<Author>) {
    let draft = || Author::builder().email("a@x").name("Ada").visits(1);
    db.bulk_update(authors);
    db.update_where::<Author, _>(|a| a.visits.gt(3), |a| a.visits.set(3));
    db.insert_with(draft(), |a| a.visits.given(3));
    db.get_or_create(draft(), |a| a.email);
}

fn main() {}
