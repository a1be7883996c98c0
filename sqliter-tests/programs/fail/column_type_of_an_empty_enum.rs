//! An enum without variants has no value to store.
use sqliter::prelude::*;

#[derive(ColumnType)]
enum Nothing {}

fn main() {}
