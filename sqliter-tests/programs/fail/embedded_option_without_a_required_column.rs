//! An embedded struct that may be `NULL` has a column that tells whether it is there.

use sqliter::prelude::*;

#[derive(Embed)]
struct Contact {
    email: Option<String>,
    phone: Option<String>,
}

#[derive(Model)]
struct Customer {
    pk: Key<Customer>,
    #[model(embed)]
    contact: Option<Contact>,
}

fn main() {}
