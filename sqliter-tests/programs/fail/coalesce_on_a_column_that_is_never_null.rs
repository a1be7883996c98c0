//! `coalesce` replaces `NULL`, and a required column has none.
use sqliter::prelude::*;

#[derive(Model)]
struct Author {
    pk: Key<Author>,
    name: String,
    nickname: Option<String>,
    age: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Author>().only(|a| a.name.coalesce("?"));
    let _ = db.select::<Author>().only(|a| a.name.lower().coalesce("?"));
}

fn main() {}
