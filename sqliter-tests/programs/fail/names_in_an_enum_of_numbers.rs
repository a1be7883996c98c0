//! An enum stored as its number has no names.
use sqliter::prelude::*;

#[derive(ColumnType)]
#[column(integer)]
enum Status {
    #[column(name = "open")]
    Open,
    Done,
}

fn main() {}
