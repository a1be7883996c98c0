//! To update all rows is said by a chain without a filter.
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
    let _ = db.update_where::<Author, _>(|_| (), |a| a.visits.set(3));
}

fn main() {}
