//! Attributes that are about one column do not go on a field that is embedded, nor those about a row into the struct.

use sqliter::prelude::*;

#[derive(Embed)]
#[model(index(city))]
struct Address {
    #[model(index)]
    city: String,
    #[model(pk)]
    street: String,
    #[model(version)]
    version: i64,
    #[model(check = "length(zip) = 5")]
    zip: String,
    #[model(check = "length({zipp}) = 5")]
    other: String,
    #[model(default = format!("at"))]
    country: String,
    #[model(generated = "upper(city)")]
    title: String,
}

#[derive(Model)]
struct Customer {
    pk: Key<Customer>,
    #[model(embed, unique)]
    home: Address,
    #[model(embed, column = "at_work")]
    work: Address,
    #[model(embed(prefx = "x_"))]
    third: Address,
    #[model(embed, check = "1")]
    fourth: Address,
}

fn main() {}
