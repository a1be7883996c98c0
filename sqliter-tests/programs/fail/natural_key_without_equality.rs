//! A natural key is of a type that can be compared.
use sqliter::prelude::*;

#[derive(Model)]
struct Point {
    #[model(pk)]
    x: f64,
    label: String,
}

fn main() {}
