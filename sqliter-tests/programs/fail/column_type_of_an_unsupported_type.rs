//! A newtype is of a type that fits a column.
use sqliter::prelude::*;

#[derive(ColumnType)]
struct Tags(Vec<String>);

fn main() {}
