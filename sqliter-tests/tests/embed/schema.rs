//! Embedded structs in tables.

use sqliter::Error;
use sqliter::prelude::*;
use sqliter::schema::Decisions;

use super::{Customer, filled};

async fn sql_of(db: &Db, name: &str) -> String {
    sqlx::query_scalar("SELECT sql FROM sqlite_schema WHERE name = ?").bind(name).fetch_one(&db.pool()).await.unwrap()
}

#[tokio::test]
async fn the_table_has_the_columns_and_their_constraints() {
    let (db, ..) = filled().await;
    assert_eq!(
        sql_of(&db, "customers").await,
        r#"CREATE TABLE "customers" ("pk" INTEGER PRIMARY KEY AUTOINCREMENT, "address_street" TEXT NOT NULL, "address_city" TEXT COLLATE NOCASE NOT NULL, "address_zip" TEXT CONSTRAINT "address_five_digits" CHECK ((length("address_zip") = 5 OR "address_city" = '{zip}')), "address_country" TEXT NOT NULL DEFAULT 'at', "address_kind" TEXT NOT NULL CHECK (("address_kind" IN ('home', 'work'))), "address_geo_lat" REAL CHECK (("address_geo_lat" BETWEEN -90 AND 90)), "address_geo_lon" REAL, "address_geo_source" TEXT, "name" TEXT NOT NULL, "bill_street" TEXT, "bill_city" TEXT COLLATE NOCASE, "bill_zip" TEXT CONSTRAINT "bill_five_digits" CHECK ((length("bill_zip") = 5 OR "bill_city" = '{zip}')), "bill_country" TEXT, "bill_kind" TEXT CHECK (("bill_kind" IN ('home', 'work'))), "bill_geo_lat" REAL CHECK (("bill_geo_lat" BETWEEN -90 AND 90)), "bill_geo_lon" REAL, "bill_geo_source" TEXT, "email" TEXT NOT NULL UNIQUE, "version" INTEGER NOT NULL DEFAULT 1, "deleted_at" INTEGER, "updated_at" INTEGER NOT NULL, CONSTRAINT "address.geo has all of its values or none" CHECK (("address_geo_lat" IS NOT NULL AND "address_geo_lon" IS NOT NULL) OR ("address_geo_lat" IS NULL AND "address_geo_lon" IS NULL AND "address_geo_source" IS NULL)), CONSTRAINT "billing has all of its values or none" CHECK (("bill_street" IS NOT NULL AND "bill_city" IS NOT NULL AND "bill_country" IS NOT NULL AND "bill_kind" IS NOT NULL) OR ("bill_street" IS NULL AND "bill_city" IS NULL AND "bill_zip" IS NULL AND "bill_country" IS NULL AND "bill_kind" IS NULL AND "bill_geo_lat" IS NULL AND "bill_geo_lon" IS NULL AND "bill_geo_source" IS NULL)), CONSTRAINT "billing.geo has all of its values or none" CHECK (("bill_geo_lat" IS NOT NULL AND "bill_geo_lon" IS NOT NULL) OR ("bill_geo_lat" IS NULL AND "bill_geo_lon" IS NULL AND "bill_geo_source" IS NULL))) STRICT"#
    );
    assert_eq!(
        sql_of(&db, "idx_customers_address_city_name").await,
        r#"CREATE INDEX "idx_customers_address_city_name" ON "customers" ("address_city" DESC, "name")"#
    );
    assert_eq!(
        sql_of(&db, "idx_customers_address_street_address_geo_lat_unique").await,
        r#"CREATE UNIQUE INDEX "idx_customers_address_street_address_geo_lat_unique" ON "customers" ("address_street", "address_geo_lat")"#
    );
    assert!(db.schema_diff::<(Customer,)>().await.unwrap().is_empty());
}

#[tokio::test]
async fn the_table_takes_no_group_with_a_part_missing() {
    let (db, ada, _) = filled().await;
    let refused = |result: Result<u64, Error>| match result.unwrap_err() {
        Error::CheckViolation { constraint, columns, .. } => (constraint, columns),
        other => panic!("{other}"),
    };
    let of_ada = || db.select::<Customer>().filter(|c| c.pk.eq(ada.pk));
    let (constraint, columns) = refused(of_ada().update(|c| c.billing.city.set("Ulm")).await);
    assert_eq!(constraint, "billing has all of its values or none");
    assert_eq!((columns.len(), columns[0].as_str(), columns[7].as_str()), (8, "bill_street", "bill_geo_source"));
    let (constraint, columns) = refused(of_ada().update(|c| c.address.geo.longitude.set(1.0)).await);
    assert_eq!(constraint, "address.geo has all of its values or none");
    assert_eq!(columns, ["address_geo_lat", "address_geo_lon", "address_geo_source"]);
    let raw = db.execute("UPDATE customers SET address_geo_lat = 100.0 WHERE pk = 2").await;
    assert_eq!(refused(raw).1, ["address_geo_lat"]);
    let (constraint, columns) = refused(of_ada().update(|c| c.address.zip.set("1")).await);
    assert_eq!((constraint.as_str(), columns), ("address_five_digits", vec!["address_zip".to_owned()]));
}

mod before {
    use sqliter::prelude::*;

    #[derive(Debug, Clone, PartialEq, Model)]
    pub struct Shop {
        pub pk: Key<Shop>,
        pub street: String,
        pub town: String,
        pub lat: Option<f64>,
        pub lon: Option<f64>,
    }
}

mod after {
    use sqliter::prelude::*;

    #[derive(Debug, Clone, PartialEq, Embed)]
    pub struct Place {
        pub street: String,
        #[model(renamed_from = "town")]
        pub city: String,
    }

    #[derive(Debug, Clone, PartialEq, Embed)]
    pub struct Point {
        pub lat: f64,
        pub lon: f64,
    }

    #[derive(Debug, Clone, PartialEq, Model)]
    pub struct Shop {
        pub pk: Key<Shop>,
        #[model(embed(renamed_from = ""))]
        pub place: Place,
        #[model(embed(prefix = ""))]
        pub point: Option<Point>,
    }
}

#[tokio::test]
async fn columns_of_a_table_become_a_group() {
    let db = Db::memory().await.unwrap();
    db.create_table::<before::Shop>().await.unwrap();
    let shop = before::Shop::builder().street("Ring 1").town("Wien").lat(48.0).lon(16.0);
    db.insert(shop).await.unwrap();
    let diff = db.schema_diff::<(after::Shop,)>().await.unwrap();
    let undecided = diff.sql(&Decisions::new()).unwrap_err().to_string();
    assert!(undecided.contains("point has all of its values or none"), "{undecided}");
    let statements = diff.sql(&Decisions::new().rows_satisfy("shops")).unwrap().join(";\n");
    let mut connection = db.pool().acquire().await.unwrap();
    let script = format!("PRAGMA foreign_keys = OFF;\n{statements};\nPRAGMA foreign_keys = ON;");
    sqlx::raw_sql(sqlx::AssertSqlSafe(script)).execute(&mut *connection).await.unwrap();
    drop(connection);
    assert!(db.schema_diff::<(after::Shop,)>().await.unwrap().is_empty());
    let shop = db.select::<after::Shop>().fetch_required().await.unwrap();
    assert_eq!(shop.place, after::Place { street: "Ring 1".to_owned(), city: "Wien".to_owned() });
    assert_eq!(shop.point, Some(after::Point { lat: 48.0, lon: 16.0 }));
}
