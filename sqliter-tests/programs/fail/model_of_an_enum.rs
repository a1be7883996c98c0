//! Only a struct can be a model.
use sqliter::prelude::*;

#[derive(Model)]
enum Book {
    Novel,
    Essay,
}

fn main() {}
