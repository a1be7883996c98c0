//! A model has fields.
use sqliter::prelude::*;

#[derive(Model)]
struct Book;

fn main() {}
