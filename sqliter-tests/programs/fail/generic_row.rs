//! A row has no generic parameters.
use sqliter::Row;
use sqliter::prelude::*;

#[derive(Row)]
struct Total<T> {
    country: String,
    total: T,
}

fn main() {}
