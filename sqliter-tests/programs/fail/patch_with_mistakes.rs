//! A patch has fields of the model that an update may change, each named once.
use sqliter::prelude::*;

#[derive(Model)]
#[model(patch(drive(Debug), only(titel, pk, pages, created_at), rename))]
struct Book {
    pk: Key<Book>,
    title: String,
    #[model(patch(skip))]
    pages: i64,
    #[model(patch(skip = true))]
    created_at: i64,
}

#[derive(Model)]
struct Author {
    pk: Key<Author>,
    #[model(patch(skip))]
    name: String,
}

#[derive(Model)]
#[model(patch)]
struct Pair {
    #[model(pk)]
    left: i64,
    #[model(pk)]
    right: i64,
}

#[derive(Model)]
#[model(view = "SELECT 1 AS pk", patch)]
struct One {
    #[model(pk)]
    pk: i64,
}

#[derive(Model)]
#[model(patch(only(text, version)))]
struct Page {
    pk: Key<Page>,
    text: String,
    #[model(version, patch(skip))]
    version: i64,
}

fn main() {}
