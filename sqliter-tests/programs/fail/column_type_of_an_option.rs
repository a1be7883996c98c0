//! The `Option` belongs to the field of the model.
use sqliter::prelude::*;

#[derive(ColumnType)]
struct Email(Option<String>);

fn main() {}
