//! A full-text search finds rows by their row id.

use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Model)]
#[model(search(text))]
struct Page {
    #[model(pk)]
    path: String,
    text: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(search(text))]
struct Line {
    #[model(pk)]
    order: i64,
    #[model(pk)]
    number: i64,
    text: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(without_rowid, search(text))]
struct Note {
    #[model(pk)]
    number: i64,
    text: String,
}

fn main() {}
