//! Columns of an embedded struct are typed, and the struct as a whole is compared and set as a value.

use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Embed)]
struct Address {
    street: String,
    city: String,
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Customer {
    pk: Key<Customer>,
    #[model(embed)]
    address: Address,
    #[model(embed)]
    billing: Option<Address>,
}

#[derive(View)]
#[view(Customer)]
struct Card {
    billing: Address,
    #[view(with = |c| c.billing.city)]
    city: String,
}

fn main() {}
fn chains(db: Db) {
    db.select::<Customer>().filter(|c| c.address.ctiy.eq("Wien"));
    db.select::<Customer>().filter(|c| c.address.city.gt(1));
    db.select::<Customer>().filter(|c| c.address.is_null());
    db.select::<Customer>().filter(|c| c.address.eq("Wien"));
    db.select::<Customer>().order(|c| c.address);
    db.select::<Customer>().update(|c| c.address.set(None));
    db.select::<Customer>().update(|c| c.billing.city.set(None));
    Customer::builder().billing("Wien").build();
}
