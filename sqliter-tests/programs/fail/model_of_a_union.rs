//! Only a struct can be a model, and no union.
use sqliter::prelude::*;

#[derive(Model)]
union Book {
    pk: i64,
    pages: i64,
}

fn main() {}
