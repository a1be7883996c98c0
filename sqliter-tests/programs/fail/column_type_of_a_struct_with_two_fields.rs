//! Only a struct around one value fits a column.
use sqliter::prelude::*;

#[derive(ColumnType)]
struct Price(i64, String);

fn main() {}
