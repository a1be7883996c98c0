//! A table whose columns become groups, other groups, and columns again: from each version to each other one, by a migration over rows.

use std::pin::Pin;

use sqliter::bounds::Models;
use sqliter::prelude::*;
use sqliter::schema::Decisions;
use sqliter::sqlx::migrate::{Migration, MigrationType, Migrator};
use sqliter::sqlx::{self, SqlSafeStr as _};

#[derive(Debug, Clone, PartialEq, Embed)]
struct Address {
    street: String,
    town: String,
}

#[derive(Debug, Clone, PartialEq, Embed)]
struct Wider {
    street: String,
    town: String,
    zip: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Embed)]
struct Place {
    #[model(embed)]
    address: Address,
}

macro_rules! versions {
    ($($module:ident [$($table:tt)*] { $($field:tt)* })*) => {$(
        mod $module {
            #[allow(unused_imports, reason = "each has some of them")]
            use super::{Address, Place, Wider};
            use sqliter::prelude::*;

            #[derive(Debug, Clone, PartialEq, Model)]
            #[model(table = "shops" $($table)*)]
            pub(super) struct Shop { pub(super) pk: Key<Shop>, $($field)* }
        }
    )*};
}

versions! {
    flat [] { pub(super) street: String, pub(super) town: String }
    group [] { #[model(embed)] pub(super) address: Address }
    indexed [, unique(address.street, address.town)] { #[model(embed)] pub(super) address: Address }
    prefixed [] { #[model(embed(prefix = "a_"))] pub(super) address: Address }
    optional [] { #[model(embed)] pub(super) address: Option<Address> }
    wider [, index(address.zip)] { #[model(embed)] pub(super) address: Wider }
    nested [] { #[model(embed)] pub(super) place: Place }
    of_two [] { #[model(embed)] pub(super) address: Address, #[model(embed(prefix = "to_"))] pub(super) second: Option<Wider> }
}

type Done<'a, T> = Pin<Box<dyn Future<Output = sqliter::Result<T>> + 'a>>;

/// A version by the names of its columns.
struct Version {
    name: &'static str,
    street: &'static str,
    town: &'static str,
    required: bool,
    /// Columns that others have not.
    more: &'static [&'static str],
    create: for<'a> fn(&'a Db) -> Done<'a, ()>,
    statements: for<'a> fn(&'a Db, &'a Decisions) -> Done<'a, Vec<String>>,
    /// The street and the town of the only row.
    read: for<'a> fn(&'a Db) -> Done<'a, (String, String)>,
}

fn create<T: Models>(db: &Db) -> Done<'_, ()> {
    Box::pin(async { db.create_tables::<T>().await })
}

fn statements<'a, T: Models>(db: &'a Db, told: &'a Decisions) -> Done<'a, Vec<String>> {
    Box::pin(async { db.schema_diff::<T>().await?.sql(told) })
}

fn all() -> Vec<Version> {
    macro_rules! version {
        ($module:ident, $street:literal, $town:literal, $required:literal, $more:expr, |$shop:ident| $read:expr) => {
            Version {
                name: stringify!($module),
                street: $street,
                town: $town,
                required: $required,
                more: $more,
                create: create::<($module::Shop,)>,
                statements: statements::<($module::Shop,)>,
                read: |db| {
                    Box::pin(async {
                        let $shop = db.select::<$module::Shop>().fetch_only().await?;
                        Ok($read)
                    })
                },
            }
        };
    }
    vec![
        version!(flat, "street", "town", true, &[], |s| (s.street, s.town)),
        version!(group, "address_street", "address_town", true, &[], |s| (s.address.street, s.address.town)),
        version!(indexed, "address_street", "address_town", true, &[], |s| (s.address.street, s.address.town)),
        version!(prefixed, "a_street", "a_town", true, &[], |s| (s.address.street, s.address.town)),
        version!(optional, "address_street", "address_town", false, &[], |s| {
            let address = s.address.expect("there is one");
            (address.street, address.town)
        }),
        version!(wider, "address_street", "address_town", true, &["address_zip"], |s| (
            s.address.street,
            s.address.town
        )),
        version!(nested, "place_address_street", "place_address_town", true, &[], |s| {
            (s.place.address.street, s.place.address.town)
        }),
        version!(of_two, "address_street", "address_town", true, &["to_street", "to_town", "to_zip"], |s| {
            assert_eq!(s.second, None);
            (s.address.street, s.address.town)
        }),
    ]
}

impl Version {
    /// What a person would decide who goes from this version to another one.
    fn decisions(&self, to: &Self) -> Decisions {
        let mut told = Decisions::new().rows_satisfy("shops");
        for (old, new) in [(self.street, to.street), (self.town, to.town)] {
            if old != new {
                told = told.rename_column("shops", old, new);
            }
            if to.required && !self.required {
                told = told.value("shops", new, new);
            }
        }
        for gone in self.more.iter().filter(|column| !to.more.contains(column)) {
            told = told.drop_column("shops", gone);
        }
        told
    }
}

async fn step(from: &Version, to: &Version) -> sqliter::Result<()> {
    let db = Db::memory().await?;
    (from.create)(&db).await?;
    let insert = format!("INSERT INTO shops ({}, {}) VALUES ('Ring 1', 'Wien')", from.street, from.town);
    db.execute(&insert).await?;
    let statements = (to.statements)(&db, &from.decisions(to)).await?;
    let sql = sqlx::AssertSqlSafe(statements.join(";\n")).into_sql_str();
    let migration = Migration::new(1, "change".into(), MigrationType::Simple, sql, false);
    db.migrate(Migrator::with_migrations(vec![migration])).await?;
    let left = (to.statements)(&db, &Decisions::new()).await?;
    assert!(left.is_empty(), "{} to {}: {left:?}", from.name, to.name);
    assert_eq!((to.read)(&db).await?, ("Ring 1".to_owned(), "Wien".to_owned()));
    // The constraints are those of the new version: a part of a group does not stand alone.
    let half = format!("INSERT INTO shops ({}) VALUES ('Ring 2')", to.street);
    assert!(db.execute(&half).await.is_err(), "{} to {}: half an address", from.name, to.name);
    Ok(())
}

#[tokio::test]
async fn each_version_of_a_table_with_groups_leads_to_each_other() {
    let versions = all();
    let mut failed = Vec::new();
    for from in &versions {
        for to in versions.iter().filter(|to| to.name != from.name) {
            if let Err(error) = step(from, to).await {
                failed.push(format!("{} to {}: {error}", from.name, to.name));
            }
        }
    }
    assert!(failed.is_empty(), "{}\n{}", failed.len(), failed.join("\n"));
}
