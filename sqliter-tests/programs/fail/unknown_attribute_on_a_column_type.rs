//! The attributes of an enum and its variants are known words.
use sqliter::prelude::*;

#[derive(ColumnType)]
#[column(intger)]
enum Status {
    #[column(nam = "open")]
    Open,
    Done,
}

fn main() {}
