//! Embedded structs: groups of columns.

mod foreign_keys;
mod querying;
mod reading;
mod schema;
mod versions;
mod writing;

use serde::Deserialize;
use sqliter::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq, ColumnType, Deserialize)]
pub enum Kind {
    Home,
    Work,
}

#[derive(Debug, Clone, PartialEq, Embed, Deserialize)]
pub struct Geo {
    #[model(column = "lat", check = "{latitude} BETWEEN -90 AND 90")]
    pub latitude: f64,
    #[model(column = "lon")]
    pub longitude: f64,
    pub source: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Embed, Deserialize)]
pub struct Address {
    pub street: String,
    #[model(collate = nocase)]
    pub city: String,
    #[model(check(expr = "length({zip}) = 5 OR {city} = '{zip}'", name = "five_digits"))]
    pub zip: Option<String>,
    #[model(default = "at")]
    pub country: String,
    pub kind: Kind,
    #[model(embed)]
    pub geo: Option<Geo>,
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(
    index(address.city desc, name),
    unique(address.street, address.geo.latitude),
    patch(derive(Debug, Clone, Deserialize)),
    new(derive(Debug, Clone))
)]
pub struct Customer {
    pub pk: Key<Customer>,
    #[model(embed)]
    pub address: Address,
    pub name: String,
    #[model(embed(prefix = "bill_"))]
    pub billing: Option<Address>,
    #[model(unique)]
    pub email: String,
    #[model(version)]
    pub version: i64,
    #[model(soft_delete)]
    pub deleted_at: Option<i64>,
    pub updated_at: i64,
}

pub fn address(street: &str, city: &str) -> Address {
    Address {
        street: street.to_owned(),
        city: city.to_owned(),
        zip: None,
        country: "at".to_owned(),
        kind: Kind::Home,
        geo: None,
    }
}

pub fn with_geo(address: Address, latitude: f64) -> Address {
    Address { geo: Some(Geo { latitude, longitude: 16.0, source: None }), ..address }
}

/// Ada has one address, Bob two.
pub async fn filled() -> (Db, Customer, Customer) {
    let db = Db::memory().await.unwrap();
    db.create_table::<Customer>().await.unwrap();
    let ada = Customer::builder().name("Ada").email("ada@example.org").address(address("Ring 1", "Wien"));
    let ada = db.insert(ada).await.unwrap();
    let bob = Customer::builder()
        .name("Bob")
        .email("bob@example.org")
        .address(with_geo(address("Hof 2", "Graz"), 47.0))
        .billing(Address { zip: Some("80331".to_owned()), kind: Kind::Work, ..address("Platz 3", "München") });
    let bob = db.insert(bob).await.unwrap();
    (db, ada, bob)
}
