//! No two columns have the same name, whichever field they come from.

use sqliter::prelude::*;

#[derive(Embed)]
struct Address {
    street: String,
    city: String,
}

#[derive(Model)]
struct Customer {
    pk: Key<Customer>,
    address_city: String,
    #[model(embed)]
    address: Address,
    #[model(embed(prefix = ""))]
    first: Address,
    #[model(embed(prefix = ""))]
    second: Address,
}

fn main() {}
