//! A version is one `i64`, and nothing else besides.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    #[model(pk, version)]
    code: i64,
    #[model(version, default = 1)]
    version: Option<i64>,
    #[model(version, updated_at)]
    changed: i64,
    #[model(version, generated = "code + 1")]
    next: i64,
}

fn main() {}
