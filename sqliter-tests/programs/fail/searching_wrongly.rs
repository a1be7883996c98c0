//! Wrong uses of a full-text search in queries.

use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(search(title))]
struct Book {
    pk: Key<Book>,
    title: String,
    body: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Author {
    pk: Key<Author>,
    name: String,
}

fn main() {
    let _ = async |db: Db| {
        let _ = db.select::<Author>().search(|a| a.name.eq("Emma"));
        let _ = db.select::<Author>().filter(|a| a.search.matches("Emma"));
        let _ = db.select::<Book>().filter(|b| b.search.matches(7));
        let _ = db.select::<Book>().filter(|b| b.search.matches(Some("Emma")));
        let _ = db.select::<Book>().filter(|b| b.search.body.matches("Emma"));
        let _ = db.select::<Book>().search(|b| b.search.rank());
    };
}
