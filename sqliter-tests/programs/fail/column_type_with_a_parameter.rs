//! A column type has no parameters.
use sqliter::prelude::*;

#[derive(ColumnType)]
struct Wrapper<T>(T);

fn main() {}
