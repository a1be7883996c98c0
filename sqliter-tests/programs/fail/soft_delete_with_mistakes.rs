//! The time of a deletion is an `Option` of a timestamp, one for a model.
use sqliter::prelude::*;

#[derive(Model)]
#[model(unique(name, live, where = "code > 0"))]
struct Book {
    #[model(pk)]
    code: i64,
    name: String,
    #[model(soft_delete)]
    deleted_at: i64,
    #[model(soft_delete, default = 0)]
    gone: Option<i64>,
    #[model(soft_delete, updated_at)]
    changed: Option<i64>,
    #[model(soft_delete, generated = "code + 1")]
    next: Option<i64>,
}

#[derive(Model)]
#[model(unique(name, live))]
struct Author {
    pk: Key<Author>,
    name: String,
}

#[derive(Model)]
#[model(view = "SELECT 1 AS pk, NULL AS deleted_at")]
struct One {
    #[model(pk)]
    pk: i64,
    #[model(soft_delete)]
    deleted_at: Option<i64>,
}

fn main() {}
