//! A row is a struct.
use sqliter::Row;
use sqliter::prelude::*;

#[derive(Row)]
union Bits {
    number: i64,
    real: f64,
}

fn main() {}
