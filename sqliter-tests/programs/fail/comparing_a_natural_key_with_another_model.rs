//! A text key compares with its own model and its keys.
use sqliter::prelude::*;

#[derive(Model)]
struct Country {
    #[model(pk)]
    code: String,
    name: String,
}

#[derive(Model)]
struct City {
    pk: Key<City>,
    country: Key<Country>,
}

fn query(db: &Db, city: City) {
    let _ = db.select::<City>().filter(|c| c.country.eq(city.pk));
    let _ = db.select::<City>().filter(|c| c.country.eq("FR"));
}

fn main() {}
