//! A row knows one attribute, on its fields.
use sqliter::Row;
use sqliter::prelude::*;

#[derive(Row)]
#[row(table = "sales")]
struct CountryTotal {
    #[row(colunm = "land")]
    country: String,
    #[row(column)]
    total: f64,
    #[row(column = "")]
    sales: i64,
    #[row(column = "a", column = "b")]
    shops: i64,
    #[row(skip)]
    rest: i64,
}

fn main() {}
