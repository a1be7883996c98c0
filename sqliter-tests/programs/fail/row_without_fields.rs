//! A row has a field for each column that it reads.
use sqliter::Row;
use sqliter::prelude::*;

#[derive(Row)]
struct Nothing;

#[derive(Row)]
struct Empty {}

fn main() {}
