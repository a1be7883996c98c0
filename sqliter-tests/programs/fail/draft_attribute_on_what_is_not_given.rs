//! An insert is not given the key, the timestamps, the version, the time of a deletion, nor what SQLite computes.
use sqliter::prelude::*;

#[derive(Model)]
struct Page {
    #[model(new(serde(rename = "id")))]
    pk: Key<Page>,
    text: String,
    #[model(generated = "length(text)", new(serde(rename = "size")))]
    length: i64,
    #[model(version, new(serde(rename = "v")))]
    version: i64,
    #[model(soft_delete, new(serde(skip)))]
    deleted_at: Option<i64>,
    #[model(new(serde(skip)))]
    created_at: i64,
}

fn main() {}
