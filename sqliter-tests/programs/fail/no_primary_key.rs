//! A model has a primary key.
use sqliter::prelude::*;

#[derive(Model)]
struct Book {
    title: String,
}

fn main() {}
