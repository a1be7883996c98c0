//! The columns of an embedded struct are reached through its field; as a whole it is compared with one.
use sqliter::prelude::*;

#[derive(Debug, Clone, PartialEq, Embed)]
struct Address {
    street: String,
    city: String,
}

#[derive(Model)]
struct Customer {
    pk: Key<Customer>,
    name: String,
    #[model(embed)]
    address: Address,
    #[model(embed)]
    second: Option<Address>,
}

fn query(db: &Db) {
    let _ = db.select::<Customer>().filter(|c| c.address_street.eq("Ring 1"));
    let _ = db.select::<Customer>().filter(|c| c.address.eq("Ring 1"));
    let _ = db.select::<Customer>().filter(|c| c.second.street.eq(5));
    let _ = db.select::<Customer>().order(|c| c.address.asc());
    let _ = db.select::<Customer>().update(|c| c.address.street);
    let _ = Customer::builder().name("Ada").address_street("Ring 1");
    let _ = Customer::builder().name("Ada").second(None);
    let _ = db.insert(Customer::builder().name("Ada"));
}

fn main() {}
