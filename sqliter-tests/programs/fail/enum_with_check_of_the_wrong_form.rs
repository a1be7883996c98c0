//! An enum may do without its check.
use sqliter::prelude::*;

#[derive(Clone, Copy, ColumnType)]
#[column(check)]
enum Status {
    Open,
    Closed,
}

#[derive(Clone, Copy, ColumnType)]
#[column(checked = false)]
enum Level {
    Low,
    High,
}

fn main() {}
