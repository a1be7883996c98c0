//! What is flattened into a row has columns with names.
use sqliter::Row;

#[derive(Debug, Row)]
struct Listed {
    title: String,
    #[row(flatten)]
    comments: i64,
}

fn main() {}
