//! A field is of a type that fits a column.
use sqliter::prelude::*;

use std::collections::HashMap;

#[derive(Model)]
struct Book {
    pk: Key<Book>,
    prices: HashMap<String, i64>,
}

fn main() {}
