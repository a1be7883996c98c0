//! A check is one expression in SQL, and may have a name.
use sqliter::prelude::*;

#[derive(Model)]
#[model(check, check(name = "positive"), check(sql = "pages > 0"), check = "pages > 0) OR (1")]
struct Book {
    pk: Key<Book>,
    #[model(check = pages > 0, check = "")]
    pages: i64,
    #[model(check = "title <> ''; DROP TABLE books", check = "title <> 'x")]
    title: String,
    #[model(check = "note <> '' -- not empty")]
    note: Option<String>,
}

fn main() {}
