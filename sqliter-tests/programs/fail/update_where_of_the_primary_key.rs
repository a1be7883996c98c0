//! An update never changes keys.
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

fn update(db: &Db) {
    let _ = db.update_where::<Author, _>(|a| a.visits.gt(3), |a| a.pk.set(Author::key(7)));
}

fn main() {}
