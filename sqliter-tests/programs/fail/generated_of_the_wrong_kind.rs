//! What SQLite cannot compute.
use sqliter::prelude::*;

#[derive(Model)]
struct Item {
    #[model(pk, generated = "name")]
    code: String,
    name: String,
    #[model(stored)]
    price: i64,
    #[model(generated = "price + 1", default = 3)]
    dearer: i64,
    #[model(generated = "name")]
    parent_id: Key<Item>,
    #[model(generated)]
    total: i64,
    #[model(generated = "price")]
    created_at: i64,
}

fn main() {}
