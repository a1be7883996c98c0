//! A field that is embedded is a struct with `#[derive(Embed)]`.

use sqliter::prelude::*;

struct Address {
    city: String,
}

#[derive(Model)]
struct Customer {
    pk: Key<Customer>,
    #[model(embed)]
    address: Address,
    name: String,
}

fn main() {}
