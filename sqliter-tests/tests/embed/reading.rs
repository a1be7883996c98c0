//! Embedded structs in rows that others have written, and in the results of raw SQL.

use sqliter::prelude::*;
use sqliter::{Error, Row};

use super::{Address, Customer, Geo, address, filled};

#[derive(Debug, Clone, PartialEq, Model)]
#[model(strict = false, table = "loose")]
struct Loose {
    pk: Key<Loose>,
    #[model(embed)]
    home: Option<Address>,
}

async fn loose(columns: &str, values: &str) -> Result<Option<Address>, Error> {
    let db = Db::memory().await.unwrap();
    let table = "CREATE TABLE loose (pk INTEGER PRIMARY KEY, home_street, home_city, home_zip, home_country, home_kind, \
                 home_geo_lat, home_geo_lon, home_geo_source)";
    db.execute(table).await.unwrap();
    db.execute(format!("INSERT INTO loose ({columns}) VALUES ({values})")).await.unwrap();
    let selected = db.select::<Loose>().only(|l| l.home).fetch_required().await;
    let row = db.select::<Loose>().fetch_required().await.map(|row| row.home);
    assert_eq!(format!("{selected:?}"), format!("{row:?}"));
    row
}

#[tokio::test]
async fn a_group_is_none_where_all_of_it_is_null_and_an_error_where_a_part_is_missing() {
    assert_eq!(loose("pk", "1").await.unwrap(), None);
    let missing = |error: Error| match error {
        Error::Decode { table, column, expected, found } => {
            assert_eq!((table.as_str(), found.as_str()), ("loose", "NULL"), "{expected}");
            column
        }
        other => panic!("{other}"),
    };
    assert_eq!(missing(loose("home_zip", "'12345'").await.unwrap_err()), "home_street");
    let whole = "home_street, home_city, home_country, home_kind";
    assert_eq!(loose(whole, "'Ring 1', 'Wien', 'at', 'home'").await.unwrap(), Some(address("Ring 1", "Wien")));
    let parts = format!("{whole}, home_geo_lon");
    assert_eq!(missing(loose(&parts, "'Ring 1', 'Wien', 'at', 'home', 1.0").await.unwrap_err()), "home_geo_lat");
    match loose(whole, "'Ring 1', 'Wien', 'at', 'other'").await.unwrap_err() {
        Error::Decode { column, .. } => assert_eq!(column, "home_kind"),
        other => panic!("{other}"),
    }
}

#[derive(Debug, PartialEq, Row)]
struct Found {
    name: String,
    #[row(flatten, prefix = "address_")]
    address: Address,
    #[row(flatten, prefix = "bill_")]
    billing: Option<Address>,
}

#[tokio::test]
async fn rows_of_raw_sql_have_groups() {
    let (db, ada, bob) = filled().await;
    let rows = db.query::<Customer>("SELECT * FROM customers ORDER BY pk").fetch_all().await.unwrap();
    assert_eq!(rows, [ada.clone(), bob.clone()]);
    let rows = db.query::<Found>("SELECT * FROM customers ORDER BY pk DESC").fetch_all().await.unwrap();
    assert_eq!(rows[0], Found { name: "Bob".to_owned(), address: bob.address.clone(), billing: bob.billing.clone() });
    assert_eq!(rows[1].billing, None);
    let sql = "SELECT address_geo_lat AS lat, address_geo_lon AS lon, NULL AS source, name FROM customers ORDER BY pk";
    let rows: Vec<Option<Geo>> = db.query(sql).fetch_all().await.unwrap();
    assert_eq!(rows, [None, Some(Geo { latitude: 47.0, longitude: 16.0, source: None })]);
    let wrong = "SELECT 1.0 AS lat, 'x' AS lon, NULL AS source";
    match db.query::<Geo>(wrong).fetch_all().await.unwrap_err() {
        Error::Decode { table, column, .. } => assert_eq!((table.as_str(), column.as_str()), ("", "lon")),
        other => panic!("{other}"),
    }
    let fetched: Vec<Customer> =
        sqlx::query_as("SELECT * FROM customers ORDER BY pk DESC").fetch_all(&db.pool()).await.unwrap();
    assert_eq!(fetched, [bob, ada]);
}
