//! An index names columns of an embedded struct by its fields.

use sqliter::prelude::*;

#[derive(Embed)]
struct Point {
    latitude: f64,
}

#[derive(Embed)]
struct Address {
    city: String,
    #[model(embed)]
    point: Point,
}

#[derive(Model)]
#[model(index(address.ctiy), index(address), index(name.first), unique(address.point), index(addres.city))]
struct Customer {
    pk: Key<Customer>,
    name: String,
    #[model(embed)]
    address: Address,
}

fn main() {}
