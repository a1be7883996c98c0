//! A union does not fit a column.
use sqliter::prelude::*;

#[derive(ColumnType)]
union Bits {
    whole: i64,
    part: i32,
}

fn main() {}
