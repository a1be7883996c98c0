//! A struct that can be embedded is a group of columns, and the field says so.

use sqliter::prelude::*;

#[derive(Embed)]
struct Address {
    city: String,
}

#[derive(Model)]
struct Customer {
    pk: Key<Customer>,
    address: Address,
}

fn main() {}
