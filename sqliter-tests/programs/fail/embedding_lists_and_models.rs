//! An embedded struct is one group of columns: it is no list, and no model.
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Embed)]
struct Address {
    street: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Country {
    pk: Key<Country>,
    name: String,
}

#[derive(Model)]
struct Customer {
    pk: Key<Customer>,
    #[model(embed)]
    addresses: Vec<Address>,
}

#[derive(Model)]
struct Shop {
    pk: Key<Shop>,
    #[model(embed)]
    country: Country,
}

#[derive(Model)]
struct Person {
    pk: Key<Person>,
    #[model(embed, unique)]
    home: Address,
}

fn main() {}
