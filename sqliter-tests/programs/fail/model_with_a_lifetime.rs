//! A model owns its values and has no lifetimes.
use sqliter::prelude::*;

#[derive(Model)]
struct Book<'a> {
    pk: i64,
    title: &'a str,
}

fn main() {}
