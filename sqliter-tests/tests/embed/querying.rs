//! Columns of embedded structs in queries.

use serde_json::json;
use sqliter::prelude::*;

use super::{Address, Customer, Kind, address, filled, with_geo};

#[tokio::test]
async fn a_column_of_a_group_is_a_column_like_any_other() {
    let (db, ada, bob) = filled().await;
    let query = db
        .select::<Customer>()
        .filter(|c| c.address.city.eq("wien") & c.address.kind.eq(Kind::Home) & c.address.geo.latitude.is_null())
        .order(|c| (c.billing.city.asc(), c.address.street.desc()));
    assert_eq!(
        query.to_sql().unwrap().text,
        r#"SELECT "pk", "address_street", "address_city", "address_zip", "address_country", "address_kind", "address_geo_lat", "address_geo_lon", "address_geo_source", "name", "bill_street", "bill_city", "bill_zip", "bill_country", "bill_kind", "bill_geo_lat", "bill_geo_lon", "bill_geo_source", "email", "version", "deleted_at", "updated_at" FROM "customers" WHERE "address_city" = ? AND "address_kind" = ? AND "address_geo_lat" IS NULL AND "deleted_at" IS NULL ORDER BY "bill_city", "address_street" DESC, "pk" DESC"#
    );
    assert_eq!(query.fetch_all().await.unwrap(), [ada.clone()]);
    assert_eq!(db.get(bob.pk).await.unwrap(), Some(bob.clone()));
    let north = db.select::<Customer>().filter(|c| c.address.geo.latitude.gt(40.0));
    assert_eq!(north.count().await.unwrap(), 1);
    let names = db.select::<Customer>().filter(|c| c.billing.city.starts_with("Mün")).only(|c| c.name);
    assert_eq!(names.fetch_all().await.unwrap(), ["Bob"]);
}

#[tokio::test]
async fn columns_of_a_group_that_may_be_absent_are_options() {
    let (db, ..) = filled().await;
    let columns = db.select::<Customer>().fields(|c| (c.address.city, c.billing.city, c.address.geo.latitude));
    let rows: Vec<(String, Option<String>, Option<f64>)> = columns.order(|c| c.pk.asc()).fetch_all().await.unwrap();
    let (wien, graz, munich) = ("Wien".to_owned(), "Graz".to_owned(), "München".to_owned());
    assert_eq!(rows, [(wien, None, None), (graz, Some(munich), Some(47.0))]);
}

async fn names(query: sqliter::Select<'_, Customer>) -> Vec<String> {
    query.only(|c| c.name).fetch_all().await.unwrap()
}

#[tokio::test]
async fn a_group_is_compared_as_a_whole() {
    let (db, ada, bob) = filled().await;
    let is_null = db.select::<Customer>().filter(|c| c.billing.is_null());
    assert_eq!(
        is_null.clone().only(|c| c.name).to_sql().unwrap().text,
        r#"SELECT "name" FROM "customers" WHERE "bill_street" IS NULL AND "bill_city" IS NULL AND "bill_zip" IS NULL AND "bill_country" IS NULL AND "bill_kind" IS NULL AND "bill_geo_lat" IS NULL AND "bill_geo_lon" IS NULL AND "bill_geo_source" IS NULL AND "deleted_at" IS NULL"#
    );
    assert_eq!(names(is_null).await, ["Ada"]);
    assert_eq!(names(db.select::<Customer>().filter(|c| c.billing.is_not_null())).await, ["Bob"]);
    assert_eq!(names(db.select::<Customer>().filter(|c| c.address.geo.is_not_null())).await, ["Bob"]);
    assert_eq!(names(db.select::<Customer>().filter(|c| c.billing.eq(None))).await, ["Ada"]);
    let same = db.select::<Customer>().filter(|c| c.address.eq(ada.address.clone()));
    assert_eq!(
        same.clone().only(|c| c.name).to_sql().unwrap().text,
        r#"SELECT "name" FROM "customers" WHERE "address_street" = ? AND "address_city" = ? AND "address_zip" IS NULL AND "address_country" = ? AND "address_kind" = ? AND "address_geo_lat" IS NULL AND "address_geo_lon" IS NULL AND "address_geo_source" IS NULL AND "deleted_at" IS NULL"#
    );
    assert_eq!(names(same).await, ["Ada"]);
    assert_eq!(names(db.select::<Customer>().filter(|c| c.billing.eq(bob.billing.clone()))).await, ["Bob"]);
    assert_eq!(names(db.select::<Customer>().filter(|c| !c.address.eq(ada.address.clone()))).await, ["Bob"]);
}

#[tokio::test]
async fn a_group_is_selected_as_a_value() {
    let (db, ada, bob) = filled().await;
    let query = db.select::<Customer>().order(|c| c.pk.asc());
    let addresses: Vec<Address> = query.clone().only(|c| c.address).fetch_all().await.unwrap();
    assert_eq!(addresses, [ada.address.clone(), bob.address.clone()]);
    let both = query.clone().fields(|c| (c.name, c.billing, c.address.geo)).fetch_all().await.unwrap();
    assert_eq!(both[0], ("Ada".to_owned(), None, None));
    assert_eq!(both[1], ("Bob".to_owned(), bob.billing.clone(), bob.address.geo.clone()));
    let record = query.exclude(|c| (c.billing, c.updated_at)).fetch_dicts().await.unwrap().remove(1);
    assert_eq!(
        serde_json::to_value(&record).unwrap(),
        json!({
            "pk": 2, "address_street": "Hof 2", "address_city": "Graz", "address_zip": null, "address_country": "at",
            "address_kind": "home", "address_geo_lat": 47.0, "address_geo_lon": 16.0, "address_geo_source": null,
            "name": "Bob", "email": "bob@example.org", "version": 1, "deleted_at": null,
        })
    );
}

#[derive(Debug, PartialEq, View)]
#[view(Customer)]
struct Card {
    name: String,
    address: Address,
    billing: Option<Address>,
    #[view(with = |c| c.address.city)]
    city: String,
    #[view(with = |c| c.billing.city)]
    billed_in: Option<String>,
    #[view(with = |c| c.address.geo.is_not_null())]
    is_on_map: bool,
}

#[tokio::test]
async fn a_view_has_groups_and_columns_of_groups() {
    let (db, _, bob) = filled().await;
    let query = db.select::<Customer>().filter(|c| c.pk.eq(bob.pk)).view::<Card>();
    let card = query.fetch_required().await.unwrap();
    let expected = Card {
        name: "Bob".to_owned(),
        address: bob.address.clone(),
        billing: bob.billing.clone(),
        city: "Graz".to_owned(),
        billed_in: Some("München".to_owned()),
        is_on_map: true,
    };
    assert_eq!(card, expected);
}

#[derive(Debug, Clone, PartialEq, Model)]
struct Order {
    pk: Key<Order>,
    customer_id: Key<Customer>,
    agent_id: Option<Key<Customer>>,
    #[model(embed(prefix = ""))]
    ship_to: Address,
}

#[tokio::test]
async fn groups_of_related_rows_are_reached_through_relations() {
    let (db, ada, bob) = filled().await;
    db.create_table::<Order>().await.unwrap();
    let first = Order::builder().customer_id(&ada).ship_to(with_geo(address("Weg 4", "Linz"), 48.0));
    let first = db.insert(first).await.unwrap();
    let second = db.insert(Order::builder().customer_id(&bob).agent_id(&ada).ship_to(address("Weg 5", "Linz"))).await;
    let second = second.unwrap();
    let of_graz = db.select::<Order>().filter(|o| o.customer.address.city.eq("Graz"));
    assert_eq!(
        of_graz.clone().only(|o| o.ship_to.street).to_sql().unwrap().text,
        r#"SELECT t0."street" FROM "orders" AS t0 JOIN "customers" AS t1 ON t1."pk" = t0."customer_id" WHERE t1."address_city" = ?"#
    );
    assert_eq!(of_graz.fetch_all().await.unwrap(), [second.clone()]);
    let rows = db.select::<Order>().order(|o| o.pk.asc());
    let agents = rows.clone().only(|o| o.agent.address).fetch_all().await.unwrap();
    assert_eq!(agents, [None, Some(ada.address.clone())]);
    let both: Vec<(Order, Customer)> = rows.select_related(|o| o.customer).fetch_all().await.unwrap();
    assert_eq!(both, [(first, ada), (second, bob)]);
}

#[derive(Debug, Clone, PartialEq, Model)]
#[model(
    view = "SELECT pk, name, address_geo_lat AS at_lat, address_geo_lon AS at_lon, NULL AS at_source FROM customers"
)]
struct Found {
    #[model(pk)]
    pk: i64,
    #[model(embed)]
    at: Option<super::Geo>,
    name: String,
}

#[tokio::test]
async fn a_model_over_a_view_has_groups() {
    let (db, _, bob) = filled().await;
    db.create_table::<Found>().await.unwrap();
    let found = db.select::<Found>().filter(|f| f.at.latitude.lt(50.0) & f.name.eq("Bob")).fetch_required().await;
    assert_eq!(found.unwrap().at, bob.address.geo);
    assert_eq!(db.select::<Found>().filter(|f| f.at.is_null()).count().await.unwrap(), 1);
}

#[tokio::test]
async fn a_query_groups_and_counts_by_columns_of_groups() {
    let (db, ..) = filled().await;
    let counted =
        db.select::<Customer>().group_by(|c| c.billing.country).annotate(|c| (count(), c.address.geo.latitude.max()));
    let counted: Vec<(Option<String>, i64, Option<f64>)> = counted.fetch_all().await.unwrap();
    assert_eq!(counted, [(None, 1, None), (Some("at".to_owned()), 1, Some(47.0))]);
    let page = db.select::<Customer>().order(|c| c.billing.city.asc()).page_after(None, 1).await.unwrap();
    let rest = db.select::<Customer>().order(|c| c.billing.city.asc()).page_after(page.next.clone(), 1).await.unwrap();
    assert_eq!((page.rows[0].name.as_str(), rest.rows[0].name.as_str()), ("Ada", "Bob"));
}
