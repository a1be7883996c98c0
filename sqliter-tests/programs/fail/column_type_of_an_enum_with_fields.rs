//! Only an enum without fields fits a column.
use sqliter::prelude::*;

#[derive(ColumnType)]
enum Shape {
    Point,
    Circle(f64),
    Square { side: f64 },
}

fn main() {}
