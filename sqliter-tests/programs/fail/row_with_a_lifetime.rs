//! A row owns what it holds.
use sqliter::Row;
use sqliter::prelude::*;

#[derive(Row)]
struct Total<'a> {
    country: &'a str,
    total: f64,
}

fn main() {}
