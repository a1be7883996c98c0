//! Each variant is stored as a text of its own.
use sqliter::prelude::*;

#[derive(ColumnType)]
enum Status {
    Open,
    #[column(name = "open")]
    Reopened,
}

fn main() {}
