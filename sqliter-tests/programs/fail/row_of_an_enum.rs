//! A row is a struct.
use sqliter::Row;
use sqliter::prelude::*;

#[derive(Row)]
enum Status {
    Open,
    Closed,
}

fn main() {}
