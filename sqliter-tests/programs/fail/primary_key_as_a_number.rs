//! The field `pk` is a typed key.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    pk: i64,
    title: String,
}

fn main() {}
