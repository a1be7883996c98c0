//! A newtype is written with parentheses.
use sqliter::prelude::*;

#[derive(ColumnType)]
struct Price {
    cents: i64,
}

fn main() {}
