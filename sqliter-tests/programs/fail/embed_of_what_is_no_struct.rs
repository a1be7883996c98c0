//! What can be embedded is a struct with named fields.

use sqliter::prelude::*;

#[derive(Embed)]
enum Payment {
    Card { number: String },
    Cash,
}

#[derive(Embed)]
struct Pair(String, String);

#[derive(Embed)]
struct Name(String);

#[derive(Embed)]
struct Range<T> {
    from: T,
}

#[derive(Embed)]
struct Nothing;

fn main() {}
