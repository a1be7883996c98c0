//! The message names the field alone, though two models have one of that name.
use sqliter::prelude::*;

#[derive(Model)]
struct Author {
    pk: Key<Author>,
    name: String,
    email: String,
}

#[derive(Model)]
struct Reader {
    pk: Key<Reader>,
    name: String,
    email: String,
}

async fn add(db: &Db) {
    db.insert(Author::builder().name("Jane")).await.unwrap();
    db.insert(Reader::builder().name("Ada")).await.unwrap();
}

fn main() {}
