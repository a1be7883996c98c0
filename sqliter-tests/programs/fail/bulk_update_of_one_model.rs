//! Many rows are a slice; one is written with `update`.
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

fn update(db: &Db, mut author: Author) {
    let _ = db.bulk_update(&mut author);
}

fn main() {}
