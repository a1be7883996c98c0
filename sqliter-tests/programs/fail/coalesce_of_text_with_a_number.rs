//! What replaces `NULL` has the type of the column.
use sqliter::prelude::*;

#[derive(Model)]
struct Author {
    pk: Key<Author>,
    name: String,
    nickname: Option<String>,
    age: i64,
}

fn query(db: &Db) {
    let _ = db.select::<Author>().only(|a| a.nickname.coalesce(0));
}

fn main() {}
