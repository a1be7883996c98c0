//! Writing embedded structs.

use proptest::prelude::any;
use proptest::prelude::*;
use serde_json::{from_value, json};
use sqliter::Error;
use sqliter::prelude::*;
use sqliter_tests::listener::sql_of;

use super::{Address, Customer, CustomerPatch, Geo, Kind, NewCustomer, address, filled, with_geo};

#[tokio::test]
async fn a_row_is_updated_with_its_groups() {
    let (db, mut ada, _) = filled().await;
    ada.address.city = "Linz".to_owned();
    ada.billing = Some(with_geo(address("Ring 9", "Bonn"), 50.0));
    let (updated, statements) = sql_of(db.update(&mut ada)).await;
    updated.unwrap();
    assert!(
        statements.iter().any(|sql| sql.contains(r#""address_geo_source" = ?, "name" = ?, "bill_street" = ?"#)),
        "{statements:#?}"
    );
    assert_eq!(db.get(ada.pk).await.unwrap(), Some(ada.clone()));
    ada.billing = None;
    db.bulk_update(std::slice::from_mut(&mut ada)).await.unwrap();
    assert_eq!(db.get(ada.pk).await.unwrap(), Some(ada));
}

#[tokio::test]
async fn a_query_sets_single_columns_and_whole_groups() {
    let (db, ada, bob) = filled().await;
    let of_ada = db.select::<Customer>().filter(|c| c.pk.eq(ada.pk));
    let update = of_ada.clone().update(|c| (c.address.zip.set("12345"), c.billing.set(bob.billing.clone())));
    let rows = update.returning(|c| (c.address, c.billing.city, c.billing)).fetch_all().await.unwrap();
    let address = Address { zip: Some("12345".to_owned()), ..ada.address.clone() };
    assert_eq!(rows, [(address.clone(), Some("München".to_owned()), bob.billing.clone())]);
    of_ada.clone().update(|c| c.billing.city.set("Ulm")).await.unwrap();
    let read = db.get(ada.pk).await.unwrap().unwrap();
    assert_eq!(read.billing, Some(Address { city: "Ulm".to_owned(), ..bob.billing.clone().unwrap() }));
    of_ada
        .update(|c| (c.billing.set(None), c.address.geo.set(Geo { latitude: 1.0, longitude: 2.0, source: None })))
        .await
        .unwrap();
    let read = db.get(ada.pk).await.unwrap().unwrap();
    assert_eq!((read.address, read.billing), (with_geo_at(address), None));
}

fn with_geo_at(address: Address) -> Address {
    Address { geo: Some(Geo { latitude: 1.0, longitude: 2.0, source: None }), ..address }
}

#[tokio::test]
async fn a_patch_takes_whole_groups() {
    let (db, ada, bob) = filled().await;
    let patch = CustomerPatch { billing: Some(bob.billing.clone()), ..Default::default() };
    let (patched, statements) = sql_of(db.patch(ada.pk, patch)).await;
    let patched = patched.unwrap();
    assert!(
        statements.iter().any(|sql| sql.contains(
            r#"SET "bill_street" = ?, "bill_city" = ?, "bill_zip" = ?, "bill_country" = ?, "bill_kind" = ?, "bill_geo_lat" = ?, "bill_geo_lon" = ?, "bill_geo_source" = ?, "updated_at""#
        )),
        "{statements:#?}"
    );
    assert_eq!((patched.billing, patched.address), (bob.billing.clone(), ada.address.clone()));
    let patch: CustomerPatch = from_value(json!({
        "billing": null,
        "address": {"street": "Weg 1", "city": "Linz", "zip": null, "country": "at", "kind": "Work", "geo": null},
    }))
    .unwrap();
    let patched = db.patch(ada.pk, patch).await.unwrap();
    assert_eq!(patched.address, Address { kind: Kind::Work, ..address("Weg 1", "Linz") });
    assert_eq!(patched.billing, None);
    assert_eq!(db.get(ada.pk).await.unwrap(), Some(patched));
}

#[tokio::test]
async fn a_value_that_has_no_form_names_its_column() {
    let (db, mut ada, _) = filled().await;
    let wrong = with_geo(address("Ring 1", "Wien"), f64::NAN);
    let named = |result: Result<(), Error>| match result.unwrap_err() {
        Error::Encode { table, column, .. } => (table, column),
        other => panic!("{other}"),
    };
    let column = |name: &str| ("customers".to_owned(), name.to_owned());
    let inserted = db.insert(Customer::builder().name("x").email("x").address(wrong.clone())).await;
    assert_eq!(named(inserted.map(drop)), column("address_geo_lat"));
    let set = db.select::<Customer>().update(|c| c.billing.set(wrong.clone())).await;
    assert_eq!(named(set.map(drop)), column("bill_geo_lat"));
    let filtered = db.select::<Customer>().filter(|c| c.address.eq(wrong.clone())).fetch_all().await;
    assert_eq!(named(filtered.map(drop)), column("address_geo_lat"));
    let patch = CustomerPatch { address: Some(wrong.clone()), ..Default::default() };
    assert_eq!(named(db.patch(ada.pk, patch).await.map(drop)), column("address_geo_lat"));
    ada.billing = Some(wrong);
    assert_eq!(named(db.update(&mut ada).await), column("bill_geo_lat"));
}

#[tokio::test]
async fn upserts_write_groups_and_meet_rows_in_columns_of_groups() {
    let (db, ada, _) = filled().await;
    let draft = |city: &str| NewCustomer {
        address: with_geo(address("Ring 1", city), 48.0),
        name: "Ada L.".to_owned(),
        billing: None,
        email: "ada@example.org".to_owned(),
    };
    let upserted = db.upsert(draft("Linz"), |c| c.email).update(|c| (c.address, c.billing.city)).await.unwrap();
    assert_eq!((upserted.pk, upserted.address.city.as_str()), (ada.pk, "Linz"));
    let other = NewCustomer { email: "other@example.org".to_owned(), ..draft("Bonn") };
    let met =
        db.upsert(other, |c| (c.address.street, c.address.geo.latitude)).update(|c| c.address.city).await.unwrap();
    assert_eq!((met.pk, met.address.city.as_str()), (ada.pk, "Bonn"));
    let drafts = vec![
        draft("Graz"),
        NewCustomer { email: "new@example.org".to_owned(), address: address("Au 1", "Au"), ..draft("") },
    ];
    let written = db.bulk_upsert(drafts, |c| c.email).update(|c| (c.address.city, c.name)).await.unwrap();
    let cities = db.select::<Customer>().filter(|c| !c.name.eq("Bob")).order(|c| c.pk.asc()).only(|c| c.address.city);
    assert_eq!((written, cities.fetch_all().await.unwrap()), (2, vec!["Graz".to_owned(), "Au".to_owned()]));
    let twice = db.insert(NewCustomer { email: "third@example.org".to_owned(), ..draft("Linz") }).await.unwrap_err();
    match twice {
        Error::UniqueViolation { columns, .. } => assert_eq!(columns, ["address_street", "address_geo_lat"]),
        other => panic!("{other}"),
    }
}

fn any_address() -> impl Strategy<Value = Address> {
    let geo = (-90.0..=90.0, any::<f64>().prop_filter("a number", |x| !x.is_nan()), any::<Option<String>>());
    let geo = geo.prop_map(|(latitude, longitude, source)| Geo { latitude, longitude, source });
    let zip = proptest::option::of("[0-9]{5}");
    let kind = prop_oneof![Just(Kind::Home), Just(Kind::Work)];
    (any::<String>(), any::<String>(), zip, any::<String>(), kind, proptest::option::of(geo))
        .prop_map(|(street, city, zip, country, kind, geo)| Address { street, city, zip, country, kind, geo })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn what_is_written_is_read_back(
        first in any_address(),
        second in proptest::option::of(any_address()),
        third in any_address(),
    ) {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
            let db = Db::memory().await.unwrap();
            db.create_table::<Customer>().await.unwrap();
            let draft = Customer::builder().name("x").email("x").address(first.clone()).billing(second.clone());
            let mut row = db.insert(draft).await.unwrap();
            assert_eq!((&row.address, &row.billing), (&first, &second));
            let is_same = db.select::<Customer>().filter(|c| c.address.eq(first.clone()) & c.billing.eq(second.clone()));
            assert_eq!(is_same.fetch_all().await.unwrap(), [row.clone()]);
            row.billing = Some(third.clone());
            db.update(&mut row).await.unwrap();
            db.select::<Customer>().update(|c| c.address.set(third.clone())).await.unwrap();
            let read = db.get(row.pk).await.unwrap().unwrap();
            assert_eq!((&read.address, &read.billing), (&third, &Some(third.clone())));
        });
    }
}
