//! Keys are compared by their bytes.
use sqliter::prelude::*;

#[derive(Model)]
struct Country {
    #[model(pk, collate = nocase)]
    code: String,
}

#[derive(Model)]
struct City {
    pk: Key<City>,
    #[model(collate = nocase)]
    country_id: Key<Country>,
    #[model(collate = no_case)]
    name: String,
    #[model(collate = "nocase")]
    mayor: String,
    #[model(collate = german)]
    district: String,
}

fn main() {}
